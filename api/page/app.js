// The form of a plan: asks the server for the page of the plan and its files, and shows or keeps what comes.

import { athleteInto, startAthlete } from "/page/athlete.js";
import { $, make, nameOf, onDrop, post, save } from "/page/common.js";
import { setCourseStations, startStations, stationsCsv } from "/page/stations.js";

const SVG = "http://www.w3.org/2000/svg";
let course = null, described = null, reading = null, running = null, shown = null;

function asked() {
  const form = new FormData();
  form.set("gpx", course, course.name);
  for (const field of document.querySelectorAll("[data-option]")) {
    if (field.value.trim() && field.value !== field.dataset.default) form.set(field.dataset.option, field.value.trim());
  }
  if (form.get("effort") === "bpm") form.set("effort", $("bpm").value);
  if (!form.get("start")) form.delete("zone");
  if (stationsCsv()) form.set("stations", stationsCsv());
  athleteInto(form);
  return form;
}

// No result of before stays beside an error, or while another is on its way.
function clear() {
  shown = null;
  $("result").hidden = true;
  $("frame").replaceChildren();
  $("error").textContent = "";
}

function stale() {
  $("stale").hidden = !shown;
}

function failed(error) {
  if (error.name === "AbortError") return;
  clear();
  $("status").textContent = "";
  $("error").textContent = error.message;
}

async function plan() {
  running?.abort();
  clear();
  if (!course) {
    $("error").textContent = "Choose a course first.";
    $("gpx").focus();
    return;
  }
  const mine = running = new AbortController(), form = asked();
  $("status").textContent = "Planning…";
  try {
    const html = await (await post("/predict?format=html", form, mine.signal)).text();
    if (mine !== running) return;
    shown = form;
    show(html);
  } catch (error) {
    if (mine === running) failed(error);
  }
}

function show(html) {
  const head = /<title>[^<]*<\/title>/.exec(html)?.[0] ?? ""; // alone: styles of the whole are not for this page
  const title = new DOMParser().parseFromString(head, "text/html").title.replace(/ · trailcast$/, "");
  const frame = make("iframe", { src: "/page/frame", title: `Plan: ${title}` });
  window.onmessage = ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data.ready) source.postMessage(html, "*");
    if (data.height > 0) frame.style.height = `${Math.min(data.height, 60000)}px`;
  };
  $("frame").replaceChildren(frame);
  for (const button of document.querySelectorAll("[data-format]")) button.disabled = button.dataset.clocked && !shown.get("start");
  $("result").hidden = false;
  $("stale").hidden = true;
  $("status").textContent = "The plan is ready.";
  $("result").scrollIntoView({ block: "start" });
  $("result-head").focus({ preventScroll: true });
}

async function download(button) {
  const form = shown;
  if (!form) return;
  $("error").textContent = "";
  button.disabled = true;
  try {
    const answer = await post(`/predict?format=${button.dataset.format}`, form);
    save(await answer.blob(), nameOf(answer, `plan.${button.dataset.format}`));
  } catch (error) {
    $("error").textContent = error.message;
  }
  button.disabled = false;
}

async function choose(file) {
  if (!file) return;
  running?.abort();
  clear();
  course = null;
  $("course").hidden = true;
  if (await read(file, false)) course = file;
}

// Another number of laps is another course; stations that were edited stay.
async function lapsChanged() {
  if (course) await read(course, true);
}

async function read(file, known) {
  reading?.abort();
  $("status").textContent = "Reading the course…";
  const mine = reading = new AbortController(), form = new FormData();
  form.set("gpx", file, file.name);
  form.set("laps", $("laps").value.trim());
  try {
    const found = await (await post("/course", form, mine.signal)).json();
    if (mine !== reading) return false;
    $("error").textContent = "";
    $("status").textContent = "";
    describe(found, known);
    return true;
  } catch (error) {
    if (mine === reading) {
      if (!known) setCourseStations([]);
      failed(error);
    }
    return false;
  }
}

function describe(found, known) {
  $("course").hidden = false;
  $("course-name").textContent = found.name;
  described = found;
  facts();
  $("course-repairs").replaceChildren(...found.repairs.map((text) => make("li", { textContent: text })));
  $("course-profile").replaceChildren(profile(found.profile));
  if (found.zone && !known) $("zone").value = found.zone;
  setCourseStations(found.stations, known);
}

function facts() {
  if (!described) return;
  const imperial = $("units").value.trim().toLowerCase() === "imperial", { length_km: km, climb_m: up, descent_m: down } = described;
  const high = (metres) => (imperial ? `${(metres / 0.3048).toFixed(0)} ft` : `${metres.toFixed(0)} m`);
  $("course-facts").textContent = `${imperial ? `${(km / 1.609344).toFixed(1)} mi` : `${km.toFixed(1)} km`}, ${high(up)} up, ${high(down)} down`;
}

function profile(points) {
  const heights = points.map(([, metres]) => metres), low = Math.min(...heights), high = Math.max(...heights, low + 40);
  const end = points[points.length - 1][0], svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  const at = ([km, metres]) => `${(km / end * 600).toFixed(1)},${(78 - (metres - low) / (high - low) * 74).toFixed(1)}`;
  path.setAttribute("d", `M0,80L${points.map(at).join("L")}L600,80Z`);
  svg.setAttribute("viewBox", "0 0 600 80");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Elevation, from ${low.toFixed(0)} to ${high.toFixed(0)} m`);
  svg.append(path);
  return svg;
}

async function choosePreset() {
  const name = $("preset").value;
  if (!name) return;
  try {
    const answer = await fetch(`/presets/${encodeURIComponent(name)}`);
    await choose(new File([await answer.blob()], `${name}.gpx`));
  } catch (error) { failed(error); }
}

async function listPresets() {
  try {
    for (const preset of await (await fetch("/presets")).json()) {
      $("preset").append(new Option(`${preset.title} (${preset.climb_m.toFixed(0)} m up)`, preset.name));
    }
  } catch (error) { failed(error); }
}

function nextSaturday() {
  const day = new Date(), two = (x) => String(x).padStart(2, "0");
  day.setDate(day.getDate() + ((6 - day.getDay() + 7) % 7 || 7));
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T07:00`;
}

$("start").value = nextSaturday();
$("zone").value = Intl.DateTimeFormat().resolvedOptions().timeZone;
$("zones").replaceChildren(...(Intl.supportedValuesOf?.("timeZone") ?? []).map((name) => make("option", { value: name })));
startAthlete(stale);
startStations(stale);
$("gpx").addEventListener("change", () => { $("preset").value = ""; choose($("gpx").files[0]); });
onDrop($("course-drop"), ([first]) => { $("preset").value = ""; choose(first?.[1]); });
$("preset").addEventListener("change", choosePreset);
$("laps").addEventListener("change", lapsChanged);
$("units").addEventListener("input", facts);
$("effort").addEventListener("change", () => { $("bpm-field").hidden = $("effort").value !== "bpm"; });
$("form").addEventListener("input", stale);
$("form").addEventListener("submit", (event) => { event.preventDefault(); plan(); });
for (const button of document.querySelectorAll("[data-format]")) button.addEventListener("click", () => download(button));
for (const input of document.querySelectorAll("[data-into]")) {
  input.addEventListener("change", async () => { $(input.dataset.into).value = await input.files[0].text(); input.value = ""; stale(); });
}
// A file dropped beside the boxes would replace the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
listPresets();
