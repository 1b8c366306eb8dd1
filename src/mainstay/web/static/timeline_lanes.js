// How each kind of lane is drawn: single marks while they can be told apart, and further away how many there were.
import { DAY, counts, means, seen, shares } from "./timeline_columns.js";

const SHADES = { demand: "warm", relief: "self", slip: "warm", other: "mark", control: "quiet" };

function item(t, { lane, y, high }) {
  const { pen, colour } = t;
  const up = (value) => y + high - 7 - (value - lane.low) / (lane.high - lane.low) * (high - 14);
  pen.strokeStyle = colour.hair;
  pen.strokeRect(t.left + 0.5, y + 3.5, t.wide - 1, high - 7);
  const [a, b] = seen(lane.at, t.from, t.to);
  const dense = b - a > t.wide / 3;
  pen.fillStyle = colour.mark;
  pen.globalAlpha = dense ? Math.min(Math.max(t.wide / (b - a), 0.1), 0.5) : 0.75;
  const size = dense ? 2 : 4;
  for (let i = a; i < b; i += 1) {
    // of many equal answers in a row, each is moved a little, so that they can be told apart
    const apart = dense ? ((i * 7) % 11 - 5) * 0.5 : 0;
    pen.fillRect(t.x(lane.at[i]) - size / 2, up(lane.values[i]) - size / 2 + apart, size, size);
  }
  pen.globalAlpha = 1;
  const bin = dense ? Math.max(t.bin(), 7 * DAY) : DAY;
  if (b - a >= 8 && (dense || t.minutesAPixel * 8 < DAY)) line(t, means(lane, ...whole(t, lane, bin), bin), up, colour.ink);
}

function signal(t, { lane, y, high }) {
  const reach = lane.high - lane.low || 1;
  const up = (value) => y + high - 4 - Math.min(Math.max((value - lane.low) / reach, 0), 1) * (high - 10);
  line(t, means(lane, ...whole(t, lane, t.bin()), t.bin()), up, t.colour.mark);
}

// The marks in view, and those outside that are counted together with some of them.
function whole(t, lane, bin) {
  return seen(lane.at, Math.floor(t.from / bin) * bin, Math.ceil(t.to / bin) * bin);
}

function line(t, points, up, colour) {
  const { pen } = t;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.lineJoin = "round";
  pen.beginPath();
  let before = null;
  for (const [time, value, span] of points) {
    const [x, y] = [t.x(time), up(value)];
    if (before !== null && time - before <= span * 2.5) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    before = time;
  }
  pen.stroke();
  pen.lineWidth = 1;
}

function event(t, { lane, y, high }) {
  const { pen, colour } = t;
  const [a, b] = seen(lane.at, t.from, t.to);
  pen.fillStyle = colour[SHADES[lane.is] || "mark"];
  track(t, y, high);
  if (b - a <= t.wide / 8) {
    for (let i = a; i < b; i += 1) pen.fillRect(t.x(lane.at[i]) - 1, y + 5, 2, high - 10);
    return;
  }
  const bins = counts(lane.at, ...whole(t, lane, t.bin()), t.bin());
  const most = Math.max(...bins.map(([, count]) => count));
  bars(t, bins.map(([time, count]) => [time, count / most]), t.bin(), { y, high });
}

function stretch(t, { lane, y, high }) {
  const { pen, colour } = t;
  pen.fillStyle = colour[lane.self ? "self" : "mark"];
  track(t, y, high);
  const [, b] = seen(lane.at, t.from, t.to);
  if (t.minutesAPixel * 12 < DAY) {
    pen.globalAlpha = 0.8;
    for (let i = Math.max(seen(lane.at, t.from - lane.longest, t.to)[0], 0); i < b; i += 1) {
      const x = t.x(lane.at[i]);
      pen.fillRect(x, y + 6, Math.max(lane.lengths[i] / t.minutesAPixel, 1), high - 12);
    }
    pen.globalAlpha = 1;
    return;
  }
  const bin = t.bin();
  const held = shares(lane, Math.floor(t.from / bin) * bin, Math.ceil(t.to / bin) * bin, bin);
  const most = Math.max(0.05, ...held.map(([, share]) => share));
  bars(t, held.map(([time, share]) => [time, share / most]), bin, { y, high });
}

function track(t, y, high) {
  const { pen } = t;
  pen.globalAlpha = 0.25;
  pen.fillRect(t.left, y + high - 5, t.wide, 1);
  pen.globalAlpha = 1;
}

function bars(t, bins, span, { y, high }) {
  const width = Math.max(span / t.minutesAPixel - 0.6, 1);
  for (const [time, share] of bins) {
    const tall = Math.max(share * (high - 9), 1);
    t.pen.fillRect(t.x(time), y + high - 5 - tall, width, tall);
  }
}

export const LANES = { item, stretch, event, signal };
