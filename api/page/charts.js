// Draws profile, pace, heart rate and cadence of a prediction over one distance axis, as SVG.

const SVG = "http://www.w3.org/2000/svg";
const SLOPES = [-0.15, -0.05, 0.05, 0.15]; // classes of colour
const SLOPE_NAMES = ["steep down", "down", "within 5%", "up", "over 15% up"];
const LEFT = 46, RIGHT = 10, GAP = 30, BOTTOM = 34;

export function duration(seconds) {
  const whole = Math.floor(seconds + 0.5);
  const two = (x) => String(x).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function pace(minutes) {
  const whole = Math.floor(minutes * 60 + 0.5);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Steps of both feet per minute, from steps of one leg.
export function spm(stridesRpm) { return 2 * stridesRpm; }

// Means over pieces of the course, so many that each has a pixel or more; nothing under 50 m, as watches smooth too.
export function condensed(steps, pieces) {
  const n = steps.duration_s.length;
  const size = Math.max(10, Math.ceil(n / pieces));
  const out = [];
  for (let first = 0; first < n; first += size) {
    const last = Math.min(first + size, n);
    let seconds = 0, heart = 0, cadence = 0;
    for (let i = first; i < last; i++) {
      seconds += steps.duration_s[i];
      heart += steps.heart_rate_bpm[i] * steps.duration_s[i];
      cadence += spm(steps.cadence_rpm[i]) * steps.duration_s[i];
    }
    const middle = Math.floor((first + last - 1) / 2);
    out.push({
      km: steps.distance_m[middle] / 1000, step: middle, altitude: steps.altitude_m[middle], slope: steps.slope[middle],
      pace: seconds / 60 / ((last - first) * 0.005), heart: heart / seconds, cadence: cadence / seconds,
    });
  }
  return out;
}

function element(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((x) => x * power >= raw) * power;
  const out = [];
  for (let x = Math.ceil(low / step) * step; x <= high + 1e-9; x += step) out.push(x);
  return out;
}

function bounds(values, least) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  const middle = (low + high) / 2, half = Math.max(high - low, least) / 2 * 1.12;
  return [middle - half, middle + half];
}

function panel(svg, top, height, width, range, title, show, flipped) {
  const [low, high] = range;
  const y = (value) => top + (flipped ? (value - low) : (high - value)) / (high - low) * height;
  element("text", { x: 0, y: top - 9, class: "title" }, svg, title);
  for (const value of ticks(low, high, height > 110 ? 4 : 3)) {
    element("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), class: "grid" }, svg);
    element("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, svg, show(value));
  }
  return y;
}

function curve(svg, points, x, y, name) {
  element("path", { d: points.map((p, i) => `${i ? "L" : "M"}${x(p.km).toFixed(1)},${y(p).toFixed(1)}`).join(""), class: name }, svg);
}

function slopeClass(slope) { return SLOPES.filter((limit) => slope > limit).length; }

function drawProfile(svg, points, x, y, base) {
  for (let i = 0; i < points.length - 1; ) {
    const kind = slopeClass(points[i].slope);
    let j = i + 1;
    while (j < points.length - 1 && slopeClass(points[j].slope) === kind) j++;
    const over = points.slice(i, j + 1).map((p) => `L${x(p.km).toFixed(1)},${y(p.altitude).toFixed(1)}`).join("");
    element("path", { d: `M${x(points[i].km).toFixed(1)},${base}${over}L${x(points[j].km).toFixed(1)},${base}Z`, class: `s${kind}` }, svg);
    i = j;
  }
  curve(svg, points, x, (p) => y(p.altitude), "profile");
}

function legend(svg, width, top) {
  if (width < 620) return;
  let at = width - RIGHT;
  for (let kind = SLOPE_NAMES.length - 1; kind >= 0; kind--) {
    at -= SLOPE_NAMES[kind].length * 6.4 + 26;
    element("rect", { x: at, y: top - 19, width: 11, height: 11, class: `s${kind}` }, svg);
    element("text", { x: at + 16, y: top - 9 }, svg, SLOPE_NAMES[kind]);
  }
}

// Draws into `box`; `onPlace` is called with a share of the course, 0 to 1, where a pointer is.
// Returns a function that sets the cursor to such a share.
export function draw(box, prediction, onPlace) {
  const width = Math.max(300, box.clientWidth);
  const points = condensed(prediction.steps, Math.max(120, width - LEFT - RIGHT));
  const end = prediction.course.length_km, mean = prediction.totals;
  const heights = [width < 560 ? 120 : 170, 110, 80, 80];
  const tops = [], total = heights.reduce((sum, h) => { tops.push(sum + GAP); return sum + GAP + h; }, 0);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${total + BOTTOM}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Altitude, pace, heart rate and cadence along the course; the values at a place are below");
  const x = (km) => LEFT + km / end * (width - LEFT - RIGHT);

  const altitudes = bounds(points.map((p) => p.altitude), 40);
  const y0 = panel(svg, tops[0], heights[0], width, altitudes, "altitude (m)", (v) => v.toFixed(0), false);
  drawProfile(svg, points, x, y0, tops[0] + heights[0]);
  legend(svg, width, tops[0]);
  const panels = [
    [1, "pace", mean.pace_min_per_km, "pace (min/km)", pace, true, 1],
    [2, "heart", mean.heart_rate_bpm, "heart rate (bpm)", (v) => v.toFixed(0), false, 10],
    [3, "cadence", spm(mean.cadence_rpm), "cadence (spm)", (v) => v.toFixed(0), false, 12],
  ];
  for (const [i, key, whole, title, show, flipped, least] of panels) {
    const y = panel(svg, tops[i], heights[i], width, bounds(points.map((p) => p[key]), least), title, show, flipped);
    element("line", { x1: LEFT, x2: width - RIGHT, y1: y(whole), y2: y(whole), class: "mean" }, svg);
    curve(svg, points, x, (p) => y(p[key]), key);
  }
  for (const waypoint of prediction.waypoints) {
    if (waypoint.away_m > 250) continue;
    const at = x(waypoint.distance_m / 1000);
    const line = element("line", { x1: at, x2: at, y1: tops[0], y2: total, class: "waypoint" }, svg);
    element("title", {}, line, waypoint.name);
  }
  for (const km of ticks(0, end, width < 560 ? 5 : 10)) {
    element("text", { x: x(km), y: total + 18, "text-anchor": "middle" }, svg, String(+km.toFixed(2)));
  }
  element("text", { x: width - RIGHT, y: total + 32, "text-anchor": "end" }, svg, "distance (km)");
  const cursor = element("line", { y1: tops[0], y2: total, x1: LEFT, x2: LEFT, class: "cursor" }, svg);
  const follow = (event) => {
    const frame = svg.getBoundingClientRect();
    const share = ((event.clientX - frame.left) * width / frame.width - LEFT) / (width - LEFT - RIGHT);
    onPlace(Math.min(1, Math.max(0, share)));
  };
  svg.addEventListener("pointermove", follow);
  svg.addEventListener("pointerdown", follow);
  box.replaceChildren(svg);
  return (share) => { cursor.setAttribute("x1", x(share * end)); cursor.setAttribute("x2", x(share * end)); };
}
