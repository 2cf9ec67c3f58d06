// Asks /predict for what the form says, and shows the answer as figures, tables and files.

import { draw, duration, pace, spm } from "/page/charts.js";

const $ = (id) => document.getElementById(id);
let course = null, running = null, shown = null, setCursor = null;

function startText() {
  const value = $("start").value;
  if (!value) return null;
  const minutes = -new Date(value).getTimezoneOffset(); // of that day, not of today
  const two = (x) => String(x).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${value}${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function asked() {
  const form = new FormData();
  form.set("gpx", course, course.name);
  form.set("effort", $("effort").value === "bpm" ? $("bpm").value : $("effort").value);
  if (startText()) form.set("start", startText());
  for (const [id, name] of [["target", "goal"], ["stations", "stations"], ["stop", "stop_min"], ["results", "results"],
    ["race-name", "race"]]) {
    if ($(id).value.trim()) form.set(name, $(id).value.trim());
  }
  if ($("athlete").files[0]) form.set("athlete", $("athlete").files[0]);
  return form;
}

async function post(format, signal) {
  const answer = await fetch(`/predict?format=${format}`, { method: "POST", body: asked(), signal });
  if (answer.ok) return answer;
  let fault = null;
  try { fault = await answer.json(); } catch { /* not in our words */ }
  throw new Error(fault ? `Found ${fault.found}; expected ${fault.expected}. ${fault.remedy}` : `The answer was ${answer.status}.`);
}

function failed(error) {
  if (error.name === "AbortError") return;
  $("status").textContent = "";
  $("error").textContent = error instanceof TypeError ? "No answer: is trailcast still running?" : error.message;
}

async function predict() {
  $("error").textContent = "";
  if (!course) { $("error").textContent = "Choose a course first."; $("gpx").focus(); return; }
  if (running) running.abort();
  const mine = running = new AbortController();
  $("status").textContent = "Predicting…";
  try {
    const prediction = await (await post("json", mine.signal)).json();
    if (mine !== running) return;
    show(prediction);
    $("status").textContent = `${prediction.course.name}: finish ${duration(prediction.totals.finish_s)}.`;
  } catch (error) { failed(error); }
}

async function download(format) {
  $("error").textContent = "";
  try {
    const blob = await (await post(format)).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${course.name.replace(/\.gpx$/i, "")}-trailcast${format === "legs" ? "-legs.csv" : `.${format}`}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  } catch (error) { failed(error); }
}

function table(id, head, rows) {
  const made = document.createElement("thead"), body = document.createElement("tbody");
  const line = (cells, kind) => {
    const row = document.createElement("tr");
    for (const cell of cells) {
      const item = document.createElement(kind);
      item.textContent = cell;
      if (kind === "th") item.scope = "col";
      row.append(item);
    }
    return row;
  };
  made.append(line(head, "th"));
  body.append(...rows.map((row) => line(row, "td")));
  $(id).replaceChildren(made, body);
}

const clock = (text) => (text ? text.slice(11, 16) : "–");

function facts(prediction) {
  const { course: way, totals } = prediction;
  const pairs = [
    ["length", `${way.length_km.toFixed(2)} km`], ["climb", `${way.climb_m.toFixed(0)} m`], ["descent", `${way.descent_m.toFixed(0)} m`],
    ["pace", `${pace(totals.pace_min_per_km)} min/km`], ["heart rate", `${totals.heart_rate_bpm.toFixed(0)} bpm`],
    ["cadence", `${spm(totals.cadence_rpm).toFixed(0)} spm`],
  ];
  $("facts").replaceChildren(...pairs.map(([name, value]) => {
    const pair = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = name; said.textContent = value;
    pair.append(term, said);
    return pair;
  }));
}

function tables(prediction) {
  let done = 0, before = 0;
  table("splits", ["to km", "time", "elapsed", "min/km", "up m", "down m", "bpm", "spm"], prediction.splits.map((split) => {
    done += split.distance_m;
    const elapsed = Math.floor(split.elapsed_s + 0.5), time = elapsed - before; // so that rows add up as they are shown
    before = elapsed;
    return [String(+(done / 1000).toFixed(3)), duration(time), duration(elapsed), pace(split.pace_min_per_km),
      split.climb_m.toFixed(0), split.descent_m.toFixed(0), split.heart_rate_bpm.toFixed(0), spm(split.cadence_rpm).toFixed(0)];
  }));
  const timed = prediction.legs.some((leg) => leg.cutoff_s !== null);
  table("legs", ["to", "km", "arrival", "clock", "80% interval", "stop", ...(timed ? ["margin", "in time"] : []), "moving", "min/km", "bpm"],
    prediction.legs.map((leg) => [
      leg.name, (leg.end_m / 1000).toFixed(2), duration(leg.arrival_s), clock(leg.arrival),
      `${duration(leg.arrival_low_s)} – ${duration(leg.arrival_high_s)}`, leg.planned_stop_s ? `${(leg.planned_stop_s / 60).toFixed(0)} min` : "",
      ...(timed ? (leg.cutoff_s === null ? ["", ""] : [`${Math.floor(leg.margin_s / 60)} min`, `${(100 * leg.chance_in_time).toFixed(0)}%`]) : []),
      duration(leg.duration_s), pace(leg.pace_min_per_km), leg.heart_rate_bpm.toFixed(0)]));
}

function list(id, texts) {
  $(id).replaceChildren(...texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

function show(prediction) {
  shown = prediction;
  const { totals } = prediction, minutes = (s) => (s / 60).toFixed(0);
  $("result").hidden = false;
  $("name").textContent = prediction.course.name;
  $("finish").textContent = duration(totals.finish_s);
  $("interval").textContent = `${duration(totals.finish_low_s)} – ${duration(totals.finish_high_s)}`;
  $("arrival").textContent = clock(totals.arrival);
  $("standing").textContent = `${minutes(totals.other_stops_s)} min (${minutes(totals.other_stops_low_s)} – ${minutes(totals.other_stops_high_s)})`;
  $("trust").textContent = `This is for ${prediction.athlete}.`;
  $("race").textContent = duration(totals.race_s);
  $("target-part").hidden = prediction.goal === null;
  if (prediction.goal) $("chance").textContent = `${(100 * prediction.goal.chance).toFixed(0)}%`;
  list("notes", prediction.notes.map((note) => note.text));
  list("repairs", prediction.course.repairs);
  facts(prediction);
  tables(prediction);
  redraw();
}

function redraw() {
  if (!shown) return;
  setCursor = draw($("charts"), shown, (share) => { $("place").value = String(Math.round(share * 1000)); place(); });
  place();
}

function place() {
  if (!shown) return;
  const share = Number($("place").value) / 1000, steps = shown.steps, n = steps.duration_s.length;
  setCursor(share);
  const at = Math.min(n - 1, Math.max(0, Math.round(share * n) - 1));
  const first = Math.max(0, at - 5), last = Math.min(n - 1, at + 5);
  let seconds = 0;
  for (let i = first; i <= last; i++) seconds += steps.duration_s[i];
  const words = [
    ["km", (steps.distance_m[at] / 1000).toFixed(2)], ["moving time", duration(steps.elapsed_s[at])],
    ["80% interval", `${duration(steps.elapsed_low_s[at])} – ${duration(steps.elapsed_high_s[at])}`],
    ["altitude", `${steps.altitude_m[at].toFixed(0)} m`], ["slope", `${(100 * steps.slope[at]).toFixed(0)}%`],
    ["pace", `${pace(seconds / 60 / ((last - first + 1) * 0.005))} min/km`],
    ["heart rate", `${steps.heart_rate_bpm[at].toFixed(0)} bpm`], ["cadence", `${spm(steps.cadence_rpm[at]).toFixed(0)} spm`],
  ];
  $("readout").replaceChildren(...words.map(([name, value]) => {
    const item = document.createElement("span"), bold = document.createElement("b");
    bold.textContent = value;
    item.append(`${name} `, bold);
    return item;
  }));
  $("place").setAttribute("aria-valuetext", words.map((pair) => pair.join(" ")).join(", "));
}

function choose(file) {
  if (!file) return;
  course = file;
  $("chosen").textContent = file.name;
  predict();
}

async function choosePreset() {
  const name = $("preset").value;
  if (!name) return;
  try {
    const answer = await fetch(`/presets/${encodeURIComponent(name)}`);
    choose(new File([await answer.blob()], `${name}.gpx`));
  } catch (error) { failed(error); }
}

async function listPresets() {
  try {
    for (const preset of await (await fetch("/presets")).json()) {
      const option = new Option(`${preset.title} (${preset.climb_m.toFixed(0)} m up)`, preset.name);
      $("preset").append(option);
    }
  } catch (error) { failed(error); }
}

function nextMorning() {
  const day = new Date(Date.now() + 86400000), two = (x) => String(x).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T09:00`;
}

$("start").value = nextMorning();
$("gpx").addEventListener("change", () => { $("preset").value = ""; choose($("gpx").files[0]); });
$("preset").addEventListener("change", choosePreset);
$("effort").addEventListener("change", () => { $("bpm-field").hidden = $("effort").value !== "bpm"; if (course) predict(); });
for (const id of ["bpm", "start", "athlete", "target", "stations", "stop", "results", "race-name"]) $(id).addEventListener("change", () => { if (course) predict(); });
$("form").addEventListener("submit", (event) => { event.preventDefault(); predict(); });
$("place").addEventListener("input", place);
$("csv").addEventListener("click", () => download("csv"));
$("legs-out").addEventListener("click", () => download("legs"));
$("gpx-out").addEventListener("click", () => download("gpx"));
const drop = $("drop");
for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => { event.preventDefault(); $("preset").value = ""; choose(event.dataTransfer.files[0]); });
let width = 0;
new ResizeObserver(() => { if ($("charts").clientWidth !== width) { width = $("charts").clientWidth; redraw(); } }).observe($("charts"));
listPresets();
