// Comfort only: what is too large is said before it is sent.
"use strict";

const file = document.querySelector("input[data-largest]");
if (file) {
  file.addEventListener("change", () => {
    const most = Number(file.dataset.largest);
    const large = file.files[0] && file.files[0].size > most;
    file.setCustomValidity(large ? `That file is larger than ${most >> 20} MB. Give its place on this machine instead.` : "");
    file.reportValidity();
  });
}
