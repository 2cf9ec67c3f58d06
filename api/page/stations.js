// A table of stations that is edited by hand, and the CSV that it stands for: the one that STATIONS takes.

import { $, make, save } from "/page/common.js";

const SHOWN = ["name", "km", "stop_min", "cutoff", "note"];
const HEADS = { name: "Name", km: "km", stop_min: "Stop (min)", cutoff: "Cut-off", cutoff_after: "Cut-off after (h:mm)", ground: "Ground",
  drive_min: "Drive (min)", note: "Note", crew: "Crew", dropbag: "Drop bag", water: "Water" };
const NUMBERS = ["km", "stop_min", "drive_min"];
let columns = [], rows = [], given = [], edited = false, changed = () => {};

const head = (name) => HEADS[name] ?? name.replaceAll("_", " ");

function cell(row, name, number) {
  const input = make("input", { type: "text", value: row[name] ?? "", spellcheck: false, maxLength: 200 });
  input.setAttribute("aria-label", `${head(name)}, station ${number}`);
  if (NUMBERS.includes(name)) input.inputMode = "decimal";
  if (name === "name") input.setAttribute("list", "waypoints");
  input.addEventListener("input", () => { row[name] = input.value; touched(); });
  return make("span", { className: `cell ${name}` }, make("span", { className: "label", ariaHidden: "true", textContent: head(name) }), input);
}

function line(row, index) {
  const more = $("stations-more").getAttribute("aria-pressed") === "true";
  const cells = columns.filter((name) => more || SHOWN.includes(name) || row[name]).map((name) => cell(row, name, index + 1));
  const remove = make("button", { type: "button", className: "remove", textContent: "×" });
  remove.setAttribute("aria-label", `Remove station ${index + 1}${row.name ? `, ${row.name}` : ""}`);
  remove.addEventListener("click", () => {
    rows.splice(index, 1);
    touched();
    draw();
    ($("stations").querySelectorAll(".remove")[Math.min(index, rows.length - 1)] ?? $("station-add")).focus();
  });
  const made = make("div", { className: "station" }, ...cells, remove);
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", `Station ${index + 1}`);
  return made;
}

function draw() {
  $("stations").replaceChildren(...rows.map(line));
  if (!rows.length) $("stations").append(make("p", { className: "quiet", textContent: "None yet." }));
  $("stations-reset").hidden = !edited || !given.length;
  $("stations-save").disabled = !rows.length;
}

function touched() {
  edited = true;
  $("stations-reset").hidden = !given.length;
  $("stations-error").textContent = "";
  changed();
}

const quoted = (text) => (/[",;\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// Empty where nothing was edited: the course's waypoints are then taken as they are.
export function stationsCsv(always = false) {
  if (!edited && !always) return "";
  const filled = rows.filter((row) => columns.some((name) => (row[name] ?? "").trim()));
  if (!filled.length) return "";
  const used = columns.filter((name) => name === "name" || filled.some((row) => (row[name] ?? "").trim()));
  return [used, ...filled.map((row) => used.map((name) => quoted((row[name] ?? "").trim())))].map((cells) => cells.join(",")).join("\n");
}

function parsed(text) {
  const lines = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"), first = lines.split("\n", 1)[0];
  const divider = [",", ";", "\t"].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best));
  const table = [[""]];
  let within = false;
  for (let i = 0; i < lines.length; i++) {
    const row = table[table.length - 1], letter = lines[i];
    if (letter === '"' && within && lines[i + 1] === '"') { row[row.length - 1] += '"'; i++; }
    else if (letter === '"') within = !within;
    else if (letter === divider && !within) row.push("");
    else if (letter === "\n" && !within) table.push([""]);
    else row[row.length - 1] += letter;
  }
  return table.filter((row) => row.some((text) => text.trim()));
}

async function read(file) {
  const [names = [], ...found] = parsed(await file.text());
  const known = names.map((name) => name.trim().toLowerCase().replaceAll(/[ -]/g, "_"));
  const unknown = known.find((name) => !columns.includes(name));
  if (unknown !== undefined || !found.length) {
    $("stations-error").textContent = `${file.name}: ${found.length ? `the column “${unknown.slice(0, 40)}”` : "no rows"}; expected a CSV with the columns ${columns.join(", ")}.`;
    return;
  }
  rows = found.map((cells) => Object.fromEntries(known.map((name, i) => [name, (cells[i] ?? "").trim()])));
  touched();
  draw();
}

// Stations of a course that was just read; what was edited by hand for another course is gone with it.
export function setCourseStations(stations, sameCourse = false) {
  given = stations;
  if (sameCourse && edited) draw();
  else reset();
  $("waypoints").replaceChildren(...[...new Set(stations.map(({ name }) => name))].map((name) => make("option", { value: name })));
}

function reset() {
  rows = given.map(({ name, km }) => ({ name, km: String(km) }));
  edited = false;
  $("stations-error").textContent = "";
  draw();
}

export function startStations(onChange) {
  changed = onChange;
  columns = $("stations").dataset.columns.split(" ");
  $("station-add").addEventListener("click", () => {
    rows.push({});
    touched();
    draw();
    $("stations").querySelector(".station:last-child input").focus();
  });
  $("stations-more").addEventListener("click", () => {
    const more = $("stations-more").getAttribute("aria-pressed") !== "true";
    $("stations-more").setAttribute("aria-pressed", String(more));
    draw();
  });
  $("stations-reset").addEventListener("click", () => { reset(); changed(); });
  $("stations-save").addEventListener("click", () => save(new Blob([`${stationsCsv(true)}\n`], { type: "text/csv" }), "stations.csv"));
  $("stations-read").addEventListener("change", () => { read($("stations-read").files[0]); $("stations-read").value = ""; });
  draw();
}
