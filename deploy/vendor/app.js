// What the pages' script does: only the parts in use. Without it every page still works.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, NotificationBanner, PasswordInput,
  ServiceNavigation, SkipLink, createAll, isSupported,
} from "govuk-frontend";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { passkeys } from "./passkeys.js";
import { unsent } from "./unsent.js";
import { SortableTable } from "@ministryofjustice/frontend/moj/components/sortable-table/sortable-table.mjs";

const parts = [
  Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, NotificationBanner, PasswordInput,
  ServiceNavigation, SkipLink, SortableTable,
];

if (isSupported()) {
  parts.forEach((part) => createAll(part));
}

// A link cannot print; the button that can is hidden until this script runs.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// Every box of a form at once, and none again.
document.querySelectorAll("[data-tick-all]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...button.form.querySelectorAll('input[type="checkbox"]')];
    const wanted = boxes.some((box) => !box.checked);
    boxes.forEach((box) => { box.checked = wanted; });
  });
});

// A link into what is folded away: not every browser opens it by itself.
window.addEventListener("hashchange", () => {
  const there = document.getElementById(window.location.hash.slice(1));
  for (let box = there?.closest("details:not([open])"); box; box = box.parentElement.closest("details:not([open])")) box.open = true;
  there?.scrollIntoView();
});

passkeys();
unsent();
live();
keys();
