// The record over time, drawn on a canvas: to zoom and move by pointer, by keys and by buttons.
import { DAY, MONTHS, MONTHS_LONG, clock, fitting, nearest, opened, rank, seen } from "./timeline_columns.js";
import { LANES } from "./timeline_lanes.js";
import { listen } from "./timeline_moving.js";

const NAMES_ROOM = 190;
const NARROW = 640;
const HEIGHTS = { item: 58, stretch: 24, event: 24, signal: 40 };
const TOP = 30;
const HEADING = 26;
const OVERVIEW = 38;
const MOST_ROWS = 16;
const NEAREST_HOURS = 12;

export class Timeline {
  constructor(box, held) {
    this.box = box;
    this.plot = box.querySelector(".plot");
    this.canvas = box.querySelector("canvas");
    this.tip = box.querySelector(".tip");
    this.status = box.querySelector(".shown");
    this.pen = this.canvas.getContext("2d");
    this.first = Date.parse(`${held.first}T00:00Z`);
    this.end = Math.max(Math.ceil(held.days), 1) * DAY;
    this.gaps = held.gaps.map(([from, to, why]) => ({ from: from * DAY, to: to * DAY, why }));
    this.lanes = held.lanes.map((lane) => opened(lane));
    this.every = this.lanes.length <= MOST_ROWS;
    this.density = this.countedByWeek();
    [this.from, this.to] = this.asked() || [0, this.end];
    this.colours();
    this.measure();
    listen(this);
    this.draw();
  }

  // ---- what is there

  countedByWeek() {
    const weeks = new Float64Array(Math.ceil(this.end / (7 * DAY)));
    for (const lane of this.lanes) {
      if (lane.kind === "signal") continue;
      for (const time of lane.at) weeks[Math.min(Math.max(Math.floor(time / (7 * DAY)), 0), weeks.length - 1)] += 1;
    }
    return weeks;
  }

  rows() {
    if (this.every) return this.lanes;
    const most = [...this.lanes].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_ROWS);
    return this.lanes.filter((lane) => most.includes(lane));
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    this.colour = {};
    for (const name of ["paper", "raised", "ink", "quiet", "hair", "edge", "mark", "mark-soft", "warm", "self"]) {
      this.colour[name] = style.getPropertyValue(`--${name}`).trim();
    }
    this.sans = style.getPropertyValue("--sans").trim() || "sans-serif";
  }

  measure() {
    const wide = this.plot.clientWidth;
    this.narrow = wide < NARROW;
    this.left = this.narrow ? 0 : NAMES_ROOM;
    this.wide = wide - this.left - 1;
    let y = TOP;
    let group = null;
    this.shown = [];
    for (const lane of this.rows()) {
      if (lane.group !== group) {
        group = lane.group;
        this.shown.push({ heading: group, y, high: HEADING });
        y += HEADING;
      }
      const name = this.narrow ? 17 : 0;
      this.shown.push({ lane, y: y + name, high: HEIGHTS[lane.kind], named: y });
      y += HEIGHTS[lane.kind] + name;
    }
    this.bottom = y + 8;
    const high = this.bottom + OVERVIEW;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(wide * ratio);
    this.canvas.height = Math.round(high * ratio);
    this.canvas.style.width = `${wide}px`;
    this.canvas.style.height = `${high}px`;
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // ---- where things stand

  x(time) { return this.left + (time - this.from) / (this.to - this.from) * this.wide; }
  time(x) { return this.from + (x - this.left) / this.wide * (this.to - this.from); }
  get minutesAPixel() { return (this.to - this.from) / this.wide; }
  date(time) { return new Date(this.first + time * 60000); }

  // A span of days wide enough to be seen: what is counted together when single marks are too close.
  bin() {
    const pixels = this.minutesAPixel * 3;
    return [DAY, 7 * DAY, 28 * DAY, 91 * DAY].find((span) => span >= pixels) || 364 * DAY;
  }

  // ---- drawing

  later() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }

  draw() {
    const { pen, colour } = this;
    const high = this.bottom + OVERVIEW;
    pen.clearRect(0, 0, this.left + this.wide + 1, high);
    this.drawGround();
    pen.save();
    pen.beginPath();
    pen.rect(this.left, 0, this.wide, this.bottom);
    pen.clip();
    for (const row of this.shown) if (row.lane) LANES[row.lane.kind](this, row);
    pen.restore();
    for (const row of this.shown) this.drawName(row);
    this.drawOverview();
    pen.fillStyle = colour.ink;
    this.say();
  }

  drawGround() {
    const { pen, colour } = this;
    for (const gap of this.gaps) {
      const [a, b] = [Math.max(this.x(gap.from), this.left), Math.min(this.x(gap.to), this.left + this.wide)];
      if (b <= a) continue;
      pen.fillStyle = colour.hair;
      pen.globalAlpha = 0.6;
      pen.fillRect(a, TOP, Math.max(b - a, 1), this.bottom - TOP);
      pen.globalAlpha = 1;
    }
    pen.font = `12px ${this.sans}`;
    pen.textBaseline = "alphabetic";
    for (const { time, text, strong } of this.ticks()) {
      const x = Math.round(this.x(time)) + 0.5;
      if (x < this.left - 1 || x > this.left + this.wide) continue;
      pen.strokeStyle = strong ? colour.edge : colour.hair;
      pen.beginPath();
      pen.moveTo(x, strong ? TOP - 12 : TOP - 5);
      pen.lineTo(x, this.bottom);
      pen.globalAlpha = strong ? 0.55 : 0.8;
      pen.stroke();
      pen.globalAlpha = 1;
      if (text && x + pen.measureText(text).width < this.left + this.wide + 8) {
        pen.fillStyle = strong ? colour.ink : colour.quiet;
        pen.fillText(text, x + 3, TOP - 10);
      }
    }
    for (const gap of this.gaps) {
      const room = this.x(gap.to) - this.x(gap.from);
      if (room > 4 && pen.measureText(gap.why).width < room - 8) {
        pen.fillStyle = colour.quiet;
        pen.fillText(gap.why, Math.max(this.x(gap.from), this.left) + 4, this.bottom - 4);
      }
    }
  }

  ticks() {
    const room = this.wide / (this.narrow ? 4 : 9) * this.minutesAPixel;
    const found = [];
    if (room < 2 * DAY) {
      const step = [60, 180, 360, 720, DAY].find((one) => one >= room) || DAY;
      for (let t = Math.ceil(this.from / step) * step; t <= this.to; t += step) {
        const midnight = t % DAY === 0;
        const date = this.date(t);
        const text = midnight ? `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}` : clock(date);
        found.push({ time: t, text, strong: midnight });
      }
      return found;
    }
    if (room < 20 * DAY) {
      const step = room < 7 * DAY ? (room < 3.5 * DAY ? 2 : 7) : 14;
      const monday = (this.date(0).getUTCDay() + 6) % 7;
      for (let d = Math.ceil((this.from / DAY + monday) / step) * step - monday; d * DAY <= this.to; d += step) {
        const date = this.date(d * DAY);
        found.push({ time: d * DAY, text: `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`, strong: false });
      }
      return found;
    }
    const months = [1, 2, 3, 6, 12, 24, 60].find((one) => one * 30.4 * DAY >= room) || 120;
    const begin = this.date(this.from);
    let month = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / months) * months;
    for (;; month += months) {
      const [year, at] = [Math.floor(month / 12), month % 12];
      const time = (Date.UTC(year, at, 1) - this.first) / 60000;
      if (time > this.to) return found;
      found.push({ time, text: at ? MONTHS[at] : String(year), strong: at === 0 });
    }
  }

  drawName(row) {
    const { pen, colour } = this;
    pen.textBaseline = "middle";
    if (row.heading) {
      pen.font = `600 12px ${this.sans}`;
      pen.fillStyle = colour.ink;
      pen.fillText(row.heading, this.narrow ? 2 : 0, row.y + HEADING / 2 + 3);
      return;
    }
    pen.font = `12px ${this.sans}`;
    pen.fillStyle = colour.quiet;
    const [y, room] = this.narrow ? [row.named + 9, this.wide] : [row.y + row.high / 2, NAMES_ROOM - 12];
    const scale = row.lane.kind === "item" && !this.narrow ? scaleOf(row.lane) : "";
    pen.fillText(fitting(pen, row.lane.name, room), this.narrow ? 2 : 0, scale ? y - 8 : y);
    if (!scale) return;
    pen.font = `11px ${this.sans}`;
    pen.fillText(fitting(pen, scale, room), 0, y + 8);
  }

  drawOverview() {
    const { pen, colour } = this;
    const y = this.bottom + 8;
    const high = OVERVIEW - 10;
    const place = (time) => this.left + time / this.end * this.wide;
    const most = Math.max(1, ...this.density);
    pen.fillStyle = colour.raised;
    pen.fillRect(this.left, y, this.wide, high);
    pen.fillStyle = colour.edge;
    this.density.forEach((count, i) => {
      const tall = count / most * (high - 4);
      pen.fillRect(place(i * 7 * DAY), y + high - tall, Math.max(7 * DAY / this.end * this.wide - 0.5, 0.5), tall);
    });
    pen.fillStyle = colour.mark;
    pen.globalAlpha = 0.18;
    const [a, b] = [place(this.from), place(this.to)];
    pen.fillRect(a, y, Math.max(b - a, 3), high);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour.mark;
    pen.strokeRect(a + 0.5, y + 0.5, Math.max(b - a, 3) - 1, high - 1);
  }

  // ---- moving

  show(from, to) {
    const span = Math.min(Math.max(to - from, NEAREST_HOURS * 60), this.end);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - span / 2, 0), this.end - span);
    this.to = this.from + span;
    this.tip.hidden = true;
    this.later();
  }

  zoom(factor, at = (this.from + this.to) / 2) {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  move(share) {
    const by = (this.to - this.from) * share;
    this.show(this.from + by, this.to + by);
  }

  click(event) {
    const at = this.time(event.offsetX);
    if (event.offsetX < this.left || at < 0 || at > this.end) return;
    if (this.minutesAPixel * 6 > DAY) this.zoom(0.25, at);
    else this.open(at);
  }

  open(time) { location.assign(`/record/day?on=${this.iso(time)}`); }
  iso(time) { return this.date(time).toISOString().slice(0, 10); }

  // ---- in words

  hint(event) {
    const row = this.shown.find((one) => one.lane && event.offsetY >= one.y && event.offsetY < one.y + one.high);
    const text = row && event.offsetX >= this.left ? this.told(row.lane, this.time(event.offsetX)) : "";
    this.tip.hidden = !text;
    if (!text) return;
    this.tip.textContent = text;
    this.tip.style.left = `${Math.min(event.offsetX + 12, this.left + this.wide - this.tip.offsetWidth)}px`;
    this.tip.style.top = `${row.y + row.high}px`;
  }

  told(lane, time) {
    const near = 6 * this.minutesAPixel;
    if (lane.kind === "stretch") {
      for (let i = Math.max(seen(lane.at, time - lane.longest, time)[0], 0); i < lane.at.length && lane.at[i] <= time + near; i += 1) {
        if (lane.at[i] + lane.lengths[i] >= time) {
          return `${lane.name}: ${this.words(lane.at[i])} to ${clock(this.date(lane.at[i] + lane.lengths[i]))}`;
        }
      }
      return "";
    }
    const i = nearest(lane.at, time);
    if (i < 0 || Math.abs(lane.at[i] - time) > Math.max(near, lane.kind === "signal" ? DAY : 0)) return "";
    if (lane.kind === "signal") return `${lane.name}: ${lane.values[i]} on average, ${this.day(lane.at[i])}`;
    const value = lane.kind === "item" ? `${lane.name.endsWith("?") ? "" : ":"} ${lane.values[i]}` : lane.sizes && lane.sizes[i] !== null ? `, size ${lane.sizes[i]}` : "";
    return `${lane.name}${value} · ${this.words(lane.at[i])}`;
  }

  words(time) { return `${this.day(time)}, ${clock(this.date(time))}`; }

  day(time) {
    const date = this.date(time);
    return `${date.getUTCDate()} ${MONTHS_LONG[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  }

  say() {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      let [answers, events] = [0, 0];
      for (const lane of this.lanes) {
        const [a, b] = seen(lane.at, this.from, this.to);
        if (lane.kind === "item") answers += b - a;
        if (lane.kind === "event") events += b - a;
      }
      const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
      this.status.textContent = `Shown: ${this.day(this.from)} to ${this.day(Math.max(this.to - 1, this.from))}, with `
        + `${counted(answers, "check-in")} and ${counted(events, "event")}.`;
      const whole = this.to - this.from >= this.end;
      history.replaceState(history.state, "", whole ? location.pathname : `#${this.iso(this.from)}.${this.iso(this.to)}`);
    }, 250);
  }

  asked() {
    const dates = location.hash.slice(1).split(".").map((one) => (Date.parse(`${one}T00:00Z`) - this.first) / 60000);
    if (dates.length !== 2 || dates.some(Number.isNaN) || dates[1] <= dates[0]) return null;
    return [Math.max(dates[0], 0), Math.min(dates[1], this.end)];
  }
}

function scaleOf(lane) {
  const [low, high] = lane.ends.map((word, i) => `${i ? lane.high : lane.low}${word ? ` ${word}` : ""}`);
  return `${low} to ${high}`;
}
