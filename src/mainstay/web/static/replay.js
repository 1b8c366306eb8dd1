// Comfort only: the date field and its button do the same. A slider over the days of the record, sent when let go.
"use strict";

const DAY_MS = 86_400_000;
for (const form of document.querySelectorAll(".back-form")) {
  const field = form.elements.as_of;
  const first = Date.parse(form.dataset.first + "T00:00:00Z");
  const days = Number(form.dataset.days);
  const iso = (k) => new Date(first + k * DAY_MS).toISOString().slice(0, 10);
  const inWords = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const words = (k) => inWords.format(new Date(first + k * DAY_MS));

  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(days);
  slider.value = String(Math.min(Math.max(Math.round((Date.parse(field.value + "T00:00:00Z") - first) / DAY_MS), 0), days));
  slider.setAttribute("aria-label", "As of the end of");
  const shown = document.createElement("output");
  const tell = () => {
    shown.textContent = words(Number(slider.value));
    slider.setAttribute("aria-valuetext", shown.textContent);
    field.value = iso(Number(slider.value));
  };
  slider.addEventListener("input", tell);
  // by pointer it is sent when let go; by keyboard when Enter is pressed, or the button
  slider.addEventListener("pointerup", () => setTimeout(() => form.requestSubmit(), 0));
  slider.addEventListener("keydown", (event) => {
    const month = { PageUp: 30, PageDown: -30 }[event.key];
    if (event.key === "Enter") form.requestSubmit();
    if (month === undefined) return;
    event.preventDefault();
    slider.value = String(Number(slider.value) + month);
    tell();
  });
  field.closest(".row").before(shown, slider);
  tell();
}
