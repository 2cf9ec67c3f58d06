// Makes an athlete profile on the server and keeps it in this browser, and nowhere else.

import { $, make, onDrop, post, save } from "/page/common.js";
import { zipped } from "/page/zip.js";

const KEY = "trailcast profile";
let profile = null, chosen = [], running = null, changed = () => {};

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return found && typeof found.name === "string" && typeof found.text === "string" ? found : null;
  } catch { return null; }
}

// Whether it could be kept: a browser may allow no storage.
function keep() {
  try {
    if (profile) localStorage.setItem(KEY, JSON.stringify(profile));
    else localStorage.removeItem(KEY);
    return true;
  } catch { return false; }
}

function show(stored) {
  $("profile-card").hidden = !profile;
  $("nobody").hidden = Boolean(profile);
  $("make").open = !profile;
  $("make-head").textContent = profile ? "Make another profile" : "Make your profile";
  if (!profile) return;
  $("profile-name").textContent = profile.name || "Your profile";
  $("profile-facts").textContent = [profile.made, profile.day && `made ${profile.day}`].filter(Boolean).join(", ");
  $("profile-kept").textContent = stored ? "Kept in this browser only." : "This browser keeps nothing: download it, or it is gone with this page.";
}

function set(found) {
  profile = found;
  show(keep());
  changed();
}

function choose(files) {
  chosen = files.filter(([path]) => !/(^|\/)(\.|__MACOSX)/.test(path));
  $("make-error").textContent = "";
  const bytes = chosen.reduce((sum, [, file]) => sum + file.size, 0);
  $("chosen").textContent = !chosen.length ? "" : `${chosen.length === 1 ? chosen[0][0] : `${chosen.length} files`}, ${(bytes / 1e6).toFixed(1)} MB`;
  if (chosen.length === 1 && /\.json$/i.test(chosen[0][0])) adopt(chosen[0][1]);
}

// A profile that was made before is taken as it is; another JSON is a recording.
async function adopt(file) {
  const text = await file.text();
  if (!text.includes('"checkpoint_sha256"')) return;
  choose([]);
  set({ name: file.name.replace(/\.json$/i, ""), text, made: "from a file", day: "" });
}

function working(on) {
  $("make-profile").disabled = on;
  $("make-stop").hidden = !on;
}

async function request() {
  const form = new FormData(), many = chosen.length > 1;
  if (chosen.length) {
    const file = many ? await zipped(chosen) : chosen[0][1];
    form.append("data", file, many ? file.name : chosen[0][0]);
  }
  if ($("results").value.trim()) form.set("results", $("results").value);
  return form;
}

async function makeProfile() {
  $("make-error").textContent = "";
  $("make-problems").hidden = true;
  if (!chosen.length && !$("results").value.trim()) {
    $("make-error").textContent = "Choose recordings, or write down race results.";
    $("recordings").focus();
    return;
  }
  const mine = running = new AbortController();
  $("make-status").textContent = chosen.length ? "Reading the recordings… Many take some minutes." : "Reading the results…";
  working(true);
  try {
    const said = await (await post("/athlete?format=report", await request(), mine.signal)).json();
    set({ name: $("who").value.trim(), text: said.profile, made: said.made_of, day: new Date().toISOString().slice(0, 10) });
    $("make-status").textContent = [said.files && `${said.files}.`, ...said.results].filter(Boolean).join(" ");
    $("results").value = "";
    $("recordings").value = "";
    choose([]);
    problems(said);
  } catch (error) {
    $("make-status").textContent = error.name === "AbortError" ? "Stopped." : "";
    if (error.name !== "AbortError") $("make-error").textContent = error.message;
  }
  working(false);
}

function problems({ problems: found, more_problems: more }) {
  $("make-problems").hidden = !found.length;
  const [head, list] = $("make-problems").children;
  head.textContent = `${found.length + more} file${found.length + more === 1 ? "" : "s"} with something to say`;
  list.replaceChildren(...found.map(({ file, text }) => make("li", { textContent: text.startsWith(file) ? text : `${file}: ${text}` })));
  if (more) list.append(make("li", { textContent: `and ${more} more` }));
}

// Puts the profile, and results that are no part of it, into the form of a plan.
export function athleteInto(form) {
  if (profile) form.set("athlete", new Blob([profile.text], { type: "application/json" }), `${profile.name || "athlete"}.json`);
  if ($("results").value.trim()) form.set("results", $("results").value);
}

export function startAthlete(onChange) {
  changed = onChange;
  profile = kept();
  show(true);
  onDrop($("athlete-drop"), choose);
  $("recordings").addEventListener("change", () => choose([...$("recordings").files].map((file) => [file.name, file])));
  $("make-profile").addEventListener("click", makeProfile);
  $("make-stop").addEventListener("click", () => running?.abort());
  $("profile-save").addEventListener("click", () => save(new Blob([profile.text], { type: "application/json" }), `${profile.name || "athlete"}.json`));
  $("profile-forget").addEventListener("click", () => { set(null); $("make-status").textContent = "Forgotten."; $("recordings").focus(); });
}
