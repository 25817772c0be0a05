// One form of the page is sent, and words stand in another: they would be gone. Whoever wrote them is asked first.
const WRITTEN = "textarea, input:not([type]), input[type='text']";

const words = (form) => [...form.elements].find((one) => one.matches(WRITTEN) && one.value.trim() !== one.defaultValue.trim());

export const unsent = () => {
  const asks = document.querySelector("[data-unsent]")?.dataset.unsent;
  if (!asks) return;
  document.addEventListener("submit", (event) => {
    const left = [...document.forms].filter((form) => form !== event.target).map(words).find(Boolean);
    if (!left || window.confirm(asks)) return;
    event.preventDefault();
    for (let box = left.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    left.focus();
  });
};
