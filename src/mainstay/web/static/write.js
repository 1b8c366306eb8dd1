// Comfort only: digits answer the question that has the focus, and lead on to the next.
"use strict";

for (const form of document.querySelectorAll("form.check-in")) {
  const questions = [...form.querySelectorAll("fieldset.taps-of")];
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const here = event.target.closest("fieldset.taps-of");
    if (!here || !/^[0-9]$/.test(event.key)) return;
    const tap = here.querySelector(`input[type=radio][value="${event.key}"]`);
    if (!tap) return;
    event.preventDefault();
    tap.checked = true;
    tap.dispatchEvent(new Event("input", { bubbles: true }));
    const next = questions[questions.indexOf(here) + 1];
    const target = next ? next.querySelector("input[type=radio]") : form.querySelector("button[type=submit]");
    target.focus();
  });
}
