// The record's page: the timeline and the days are fetched after the page itself is there, so that it opens at once.
import { Timeline } from "./timeline.js";

const QUIET = { headers: { "X-Mainstay-Quiet": "1" } };
const AGAIN_MS = 400;

// What an address of this page holds, once it is ready; null where the page was locked meanwhile.
async function ready(address) {
  for (;;) {
    const found = await fetch(address, QUIET);
    if (found.status !== 202) return found.ok && !found.redirected ? found : null;
    await new Promise((done) => { setTimeout(done, AGAIN_MS); });
  }
}

async function showTimeline(box) {
  const waiting = box.querySelector(".waiting");
  waiting.hidden = false;
  try {
    const found = await ready(box.dataset.marks);
    const held = found && await found.json();
    waiting.hidden = Boolean(held);
    if (!held) throw new Error("not let in");
    if (!held.lanes.length) { box.querySelector(".nothing").hidden = false; return; }
    for (const part of box.querySelectorAll(".drawn")) part.hidden = false;
    new Timeline(box, held);
    performance.mark("timeline-ready");
  } catch {
    waiting.textContent = "The timeline can't be drawn now. The tables below say the same.";
  }
}

async function showDays(place) {
  if (!place.querySelector(".year")) {
    const found = await ready(place.dataset.days);
    if (!found) return;
    place.innerHTML = await found.text();
  }
  for (const drawn of place.querySelectorAll("svg[data-first]")) calendar(drawn);
}

// The square under the pointer is a day: its date is told, and a click opens it.
function calendar(drawn) {
  const first = Date.parse(`${drawn.dataset.first}T00:00Z`);
  const monday = (new Date(first).getUTCDay() + 6) % 7;
  const room = Number(drawn.dataset.room);
  const tip = document.createElementNS("http://www.w3.org/2000/svg", "title");
  drawn.append(tip);
  const day = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawn.getScreenCTM().inverse());
    const [week, weekday] = [Math.floor(at.x / room), Math.floor(at.y / room)];
    if (weekday < 0 || weekday > 6) return null;
    const date = new Date(first + (week * 7 + weekday - monday) * 86_400_000);
    return date.getUTCFullYear() === new Date(first).getUTCFullYear() ? date.toISOString().slice(0, 10) : null;
  };
  drawn.addEventListener("pointermove", (event) => { tip.textContent = day(event) || ""; });
  drawn.addEventListener("click", (event) => {
    const on = day(event);
    if (on && event.target.tagName === "path") location.assign(`/record/day?on=${on}`);
  });
}

const box = document.getElementById("timeline");
if (box) showTimeline(box);
const place = document.getElementById("days");
if (place) showDays(place);
