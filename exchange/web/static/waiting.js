// Shows a warning some time after the page came: what is written is about to be deleted (WCAG 2.2.1).
document.querySelectorAll("[data-warn-after]").forEach((box) => {
  setTimeout(() => { box.hidden = false; }, Number(box.dataset.warnAfter) * 1000);
});
