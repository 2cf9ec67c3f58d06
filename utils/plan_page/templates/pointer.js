// Tells what is at the place where the pointer or the slider is, on all charts and on the map.
const places = data.places, count = places.step.length;
for (const name of ["step", "x", "y", "altitude_m", "arrival_s", "early_s", "late_s"]) {
  let sum = 0;
  places[name] = places[name].map((more) => (sum += more));
}
const charts = [...document.querySelectorAll("svg[data-follows]")], slider = by("place"), last_step = places.step[count - 1];
// What of the course the charts show, as shares of its length.
const seen = { from: 0, to: 1 };
function share_at(chart, x) {
  const frame = chart.getBoundingClientRect();
  return seen.from + ((x - frame.left) / frame.width) * (seen.to - seen.from);
}
const cursors = charts.map((chart) => {
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("class", "cursor");
  line.setAttribute("y2", "100%");
  chart.append(line);
  return line;
});
function at(step) {
  let low = 0, high = count - 1;
  while (high - low > 1) { const middle = (low + high) >> 1; if (places.step[middle] <= step) low = middle; else high = middle; }
  const share = (step - places.step[low]) / (places.step[high] - places.step[low] || 1);
  return (name) => {
    const a = places[name][low], b = places[name][high];
    return a === null || b === null ? (share < 0.5 ? a : b) : a + share * (b - a);
  };
}
function reading(step) {
  const value = at(step), arrival = value("arrival_s"), reach = 20, known = (x, unit) => (x === null ? "not measured" : `${Math.round(x)} ${unit}`);
  const from = Math.max(step - reach, 0), to = Math.min(step + reach, last_step);
  const slope = (100 * (at(to)("altitude_m") - at(from)("altitude_m"))) / (5 * Math.max(to - from, 1));
  const found = [[data.units.long, (((step + 1) * 5) / data.units.long_m).toFixed(1)], ["race time", hmmss(arrival)]];
  if (data.clock) found.push(["clock", told(arrival)]);
  found.push(["80% interval", between(arrival - value("early_s"), arrival + value("late_s"))], ["pace", `${mss((value("pace_s") * data.units.long_m) / 1000)} ${data.units.pace}`],
    ["altitude", `${Math.round(value("altitude_m") / data.units.high_m)} ${data.units.high}`], ["slope", `${Math.round(slope)}%`]);
  if (by("body") && by("body").open) found.push(["heart rate", known(value("bpm"), "bpm")], ["cadence", known(value("spm"), "spm")]);
  return found;
}
function show(step) {
  const value = at(step), found = reading(step), x = (100 * ((step + 1) / (last_step + 1) - seen.from)) / (seen.to - seen.from);
  cursors.forEach((line) => {
    line.setAttribute("x1", `${x}%`);
    line.setAttribute("x2", `${x}%`);
    line.style.visibility = x < 0 || x > 100.1 ? "hidden" : "";
  });
  by("dot").style.setProperty("--x", `${value("x")}px`);
  by("dot").style.setProperty("--y", `${value("y")}px`);
  by("readout").replaceChildren(...found.map(([name, text]) => {
    const item = document.createElement("span"), said = document.createElement("b");
    said.textContent = text;
    item.append(`${name} `, said);
    return item;
  }));
  slider.setAttribute("aria-valuetext", found.map((pair) => pair.join(" ")).join(", "));
}
function go(step) {
  const kept = Math.min(Math.max(step, 0), last_step);
  slider.value = String(Math.round((kept / last_step) * Number(slider.max)));
  show(kept);
}
const chosen_step = () => (Number(slider.value) / Number(slider.max)) * last_step;
for (const chart of charts) {
  const follow = (event) => go(share_at(chart, event.clientX) * (last_step + 1) - 1);
  chart.addEventListener("pointermove", follow);
  chart.addEventListener("pointerdown", follow);
}
slider.addEventListener("input", () => show(chosen_step()));
if (by("body")) by("body").addEventListener("toggle", () => show(chosen_step()));
document.querySelector(".reading").hidden = false;
go(0);
