// Columns of marks in order of time, and what is counted, averaged and worded of them. Times are minutes of the local
// clock since the first day's midnight.
export const DAY = 1440;
export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const MONTHS_LONG = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
  "October", "November", "December"];

export function opened(lane) {
  const at = new Float64Array(lane.times.length);
  let time = 0;
  lane.times.forEach((step, i) => { time += step; at[i] = time; });
  const longest = lane.lengths ? lane.lengths.reduce((a, b) => Math.max(a, b), 0) : 0;
  return { ...lane, at, longest };
}

export function rank(lane) { return { item: 0, stretch: 1, signal: 3, event: 2 }[lane.kind] * 1e7 - lane.at.length; }

export function first(at, time) {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function seen(at, from, to) { return [first(at, from), first(at, to)]; }

export function nearest(at, time) {
  const i = first(at, time);
  if (i > 0 && (i === at.length || time - at[i - 1] < at[i] - time)) return i - 1;
  return i < at.length ? i : -1;
}

export function counts(at, a, b, bin) {
  const found = new Map();
  for (let i = a; i < b; i += 1) {
    const key = Math.floor(at[i] / bin);
    found.set(key, (found.get(key) || 0) + 1);
  }
  return [...found].map(([key, count]) => [key * bin, count]);
}

export function means(lane, a, b, bin) {
  const found = new Map();
  for (let i = a; i < b; i += 1) {
    const key = Math.floor(lane.at[i] / bin);
    const held = found.get(key) || [0, 0];
    held[0] += lane.values[i];
    held[1] += 1;
    found.set(key, held);
  }
  return [...found].map(([key, [sum, count]]) => [(key + 0.5) * bin, sum / count, bin]);
}

export function shares(lane, from, to, bin) {
  const found = new Map();
  const [a, b] = seen(lane.at, from - lane.longest, to);
  for (let i = a; i < b; i += 1) {
    let [start, left] = [lane.at[i], lane.lengths[i]];
    while (left > 0) {
      const key = Math.floor(start / bin);
      const part = Math.min(left, (key + 1) * bin - start);
      found.set(key, (found.get(key) || 0) + part / bin);
      start += part;
      left -= part;
    }
  }
  return [...found].map(([key, share]) => [key * bin, share]);
}

export function clock(date) { return date.toISOString().slice(11, 16); }

export function fitting(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}
