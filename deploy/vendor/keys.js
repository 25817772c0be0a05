// Keys for the lists of the desk, for whoever wants them: off until they are switched on in this browser (WCAG 2.1.4).
const KEPT = "desk-keys";
const LEADS = { c: "/desk", w: "/desk/silence", s: "/desk/search", "?": "/desk/shortcuts" };

export function keys() {
  const button = document.querySelector("[data-keys]");
  if (button) offer(button);
  if (!document.querySelector(".app-desk")) return;
  document.addEventListener("keydown", (event) => {
    if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "r") document.querySelector("[data-live] a")?.click();
    else if (event.key in LEADS) window.location.assign(LEADS[event.key]);
    else return;
    event.preventDefault();
  });
}

const isOn = () => localStorage.getItem(KEPT) === "on";
const isTyping = (at) => at.closest("input, textarea, select, [contenteditable]") !== null;

function offer(button) {
  const say = () => { button.textContent = isOn() ? button.dataset.off : button.dataset.on; };
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    if (isOn()) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, "on");
    say();
  });
}

// The link of each row that leads to its case, one after the other.
function step(by) {
  const links = [...document.querySelectorAll("main tbody tr")]
    .map((row) => row.querySelector('a[href^="/desk/case/"]:not([href*="/ring"])') ?? row.querySelector("a"))
    .filter((link) => link?.checkVisibility?.() ?? link);
  if (!links.length) return;
  const row = document.activeElement?.closest("tr");
  const now = links.findIndex((link) => row?.contains(link));
  links[Math.min(links.length - 1, Math.max(0, now + by))].focus();
}
