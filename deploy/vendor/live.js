// Pages of the desk that stay open are told that something has changed, and offer it; they never move by themselves.
// The line is open only while the page is seen: a browser has few to one server, and somebody may have many tabs.
export function live() {
  const note = document.querySelector("[data-live]");
  if (!note || !("EventSource" in window)) return;
  let line;

  const end = () => { line?.close(); line = undefined; };

  const look = async () => {
    const reply = await fetch(note.dataset.live).catch(() => undefined);
    if (reply?.redirected) end(); // signed out
    if (reply?.status !== 200 || reply.redirected) return;
    const link = document.createElement("a");
    link.className = "govuk-link govuk-link--no-visited-state";
    link.href = note.dataset.page;
    link.textContent = note.dataset.show;
    note.replaceChildren(`${await reply.text()} `, link);
  };

  const begin = () => {
    if (line || document.visibilityState !== "visible") return;
    line = new EventSource("/desk/live");
    line.addEventListener("refresh", look);
  };

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return end();
    look(); // what was missed meanwhile
    begin();
  });
  window.addEventListener("pagehide", end);
  begin();
}
