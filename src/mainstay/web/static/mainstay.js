// Comfort only: everything can be read, and every form sent, without it.
"use strict";

// On a small screen the menu starts folded.
const menu = document.querySelector("details.menu");
const narrow = matchMedia("(max-width: 60rem)");
const fold = () => { if (menu) menu.open = !narrow.matches; };
fold();
narrow.addEventListener("change", fold);

// Somebody who types, reads or points is there: the page stays open, told a few times before it would lock.
const locksAfter = Number(document.documentElement.dataset.locksAfter) * 1000;
let seen = Date.now();
let told = seen;
const there = () => {
  seen = Date.now();
  if (!locksAfter || seen - told < Math.min(60_000, locksAfter / 4)) return;
  told = seen;
  fetch("/awake", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "",
  }).catch(() => { told = 0; });
};
for (const kind of ["input", "keydown", "pointerdown", "wheel", "touchmove"]) {
  addEventListener(kind, there, { passive: true, capture: true });
}

// Nobody was there for long, or another window locked: nothing stays on the screen.
const leave = () => location.replace("/unlock");
const others = new BroadcastChannel("mainstay");
if (locksAfter) {
  others.onmessage = leave;
  setInterval(() => {
    if (Date.now() - seen < locksAfter) return;
    fetch("/awake", { redirect: "manual", headers: { "X-Mainstay-Quiet": "1" } })
      .then((answer) => { if (answer.status !== 204) leave(); }, leave);
  }, 20_000);
} else if (location.pathname === "/unlock") {
  others.postMessage("locked");
}

// A page that is shown as it stood is brought up to date once the story is there; not under the hands of somebody.
const stood = document.querySelector("[data-as-it-stood]");
async function bringUpToDate() {
  for (;;) {
    const found = await fetch("/told", { redirect: "manual", headers: { "X-Mainstay-Quiet": "1" } });
    if (found.status === 204) break;
    if (found.status !== 202) return;
    await new Promise((done) => { setTimeout(done, 700); });
  }
  if (!touched && scrollY < 200 && !document.querySelector(".told")) { location.reload(); return; }
  const again = document.createElement("a");
  again.href = location.pathname;
  again.textContent = "Show it up to date";
  stood.replaceChildren(stood.textContent.split(". ")[0], ". ", again);
}
let touched = false;
if (stood) {
  for (const kind of ["input", "click"]) addEventListener(kind, () => { touched = true; }, { once: true });
  bringUpToDate().catch(() => {});
}

// A form is sent once, however often its button is pressed.
addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.hasAttribute("data-download")) return;
  for (const button of event.target.querySelectorAll("button[type=submit], button:not([type])")) {
    setTimeout(() => { button.disabled = true; }, 0);
  }
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
