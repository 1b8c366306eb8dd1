// Moving the timeline and coming closer: by buttons, keys, wheel, pointer and two fingers.
export function listen(t) {
  const steps = {
    closer: () => t.zoom(0.5), further: () => t.zoom(2), earlier: () => t.move(-0.4),
    later: () => t.move(0.4), all: () => t.show(0, t.end),
    rows: (button) => { t.every = true; button.hidden = true; t.measure(); t.later(); },
  };
  const more = t.box.querySelector("[data-do=rows]");
  more.hidden = t.every;
  more.textContent = `Show all ${t.lanes.length} rows`;
  for (const button of t.box.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => steps[button.dataset.do](button));
  }
  const keys = {
    ArrowLeft: () => t.move(-0.2), ArrowRight: () => t.move(0.2), "+": steps.closer, "=": steps.closer,
    "-": steps.further, "0": steps.all, ArrowUp: () => t.zoom(0.7), ArrowDown: () => t.zoom(1.4),
    PageUp: () => t.move(-0.9), PageDown: () => t.move(0.9), Enter: () => t.open((t.from + t.to) / 2),
    Home: () => t.show(0, t.to - t.from), End: () => t.show(t.end - (t.to - t.from), t.end),
  };
  t.plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  t.plot.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      t.zoom(Math.exp(Math.sign(event.deltaY) * 0.25), t.time(event.offsetX));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      t.move((event.deltaX || event.deltaY) / t.wide);
    }
  }, { passive: false });
  drag(t);
  new ResizeObserver(() => { t.measure(); t.later(); }).observe(t.plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { t.colours(); t.later(); });
}

function drag(t) {
  const held = new Map();
  let moved = 0;
  const inOverview = (event) => event.offsetY > t.bottom;
  const centre = (event) => {
    const at = (event.offsetX - t.left) / t.wide * t.end;
    t.show(at - (t.to - t.from) / 2, at + (t.to - t.from) / 2);
  };
  t.canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    t.canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, { x: event.offsetX, overview: inOverview(event) });
    moved = 0;
    if (inOverview(event)) centre(event);
  });
  t.canvas.addEventListener("pointermove", (event) => {
    const mine = held.get(event.pointerId);
    if (!mine) { t.hint(event); return; }
    const by = event.offsetX - mine.x;
    moved += Math.abs(by);
    if (mine.overview) centre(event);
    else if (held.size === 2) {
      const other = [...held].find(([id]) => id !== event.pointerId)[1];
      const [before, after] = [Math.abs(mine.x - other.x), Math.abs(event.offsetX - other.x)];
      if (before > 8 && after > 8) t.zoom(before / after, t.time(other.x));
    } else t.show(t.from - by * t.minutesAPixel, t.to - by * t.minutesAPixel);
    mine.x = event.offsetX;
  });
  const over = (event) => {
    const mine = held.get(event.pointerId);
    held.delete(event.pointerId);
    if (mine && !mine.overview && moved < 5 && event.type === "pointerup") t.click(event);
  };
  t.canvas.addEventListener("pointerup", over);
  t.canvas.addEventListener("pointercancel", over);
  t.canvas.addEventListener("pointerleave", () => { t.tip.hidden = true; });
}
