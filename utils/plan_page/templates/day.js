// Check-ins on the day: the rest of the race from the clocks at stations, as lib/plan/day_state.py has it. Nothing is sent.
const { day } = data, start_s = data.clock && data.clock.start_unix_s;
function line(at, knots, values) {
  let i = knots.findIndex((knot) => knot >= at) - 1;
  if (i === -2) i = knots.length - 2;
  i = Math.min(Math.max(i, 0), knots.length - 2);
  return values[i] + ((at - knots[i]) * (values[i + 1] - values[i])) / (knots[i + 1] - knots[i]);
}
function covariance(a, b) {
  const summed = (x, y) => {
    const low = Math.min(x, y), high = Math.max(x, y);
    return day.wander ** 2 * ((low * low * high) / 2 - low ** 3 / 6) + day.independent ** 2 * low ** day.late;
  };
  const first = (x) => 0.1 * ((1 - Math.exp(-x / 0.1)) / x - (1 - Math.exp(-1 / 0.1)));
  return summed(a, b) / (a * b) - summed(a, 1) / a - summed(b, 1) / b + summed(1, 1) + day.start ** 2 * first(a) * first(b);
}
function solved(matrix, right) {
  // Cholesky: the matrix is a covariance.
  const n = matrix.length, lower = matrix.map((row) => row.map(() => 0)), x = right.slice();
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k += 1) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
    }
  }
  for (let i = 0; i < n; i += 1) { for (let k = 0; k < i; k += 1) x[i] -= lower[i][k] * x[k]; x[i] /= lower[i][i]; }
  for (let i = n - 1; i >= 0; i -= 1) { for (let k = i + 1; k < n; k += 1) x[i] -= lower[k][i] * x[k]; x[i] /= lower[i][i]; }
  return x;
}
const erfc = (x) => {
  // Numerical Recipes' rational Chebyshev fit, off by less than 2e-7.
  const t = 1 / (1 + Math.abs(x) / 2);
  const r = t * Math.exp(-x * x - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
    + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))));
  return x >= 0 ? r : 2 - r;
};
// seen: [place, arrived, left] in order (s of race time or null). Gives the places ahead with median, 80% interval, chance.
function forecast(seen) {
  const [mean0, sd0] = day.belief, level = sd0 * sd0, last = seen[seen.length - 1];
  const u = seen.map(([k]) => day.share[k]);
  const x = seen.map(([k, arrived, left]) => left === null ? line(Math.log(arrived), day.log_arrival[k], day.log_finish)
    : line(Math.log(left), day.log_arrival[k].map((s) => Math.log(Math.exp(s) + day.stop_s[k])), day.log_finish));
  const matrix = u.map((a, i) => u.map((b, j) => level + covariance(a, b) + (i === j ? (day.place / a) ** 2 : 0)));
  let gone = Math.max(...last.slice(1).filter((s) => s !== null));
  if (last[2] === null) gone += day.stop_s[last[0]];
  const ahead = [], before = [0, 0, 0];
  let chance = 1;
  for (let k = last[0] + 1; k < day.share.length; k += 1) {
    const cross = u.map((a) => level + covariance(day.share[k], a)), gain = solved(matrix, cross);
    const mean = gain.reduce((sum, g, i) => sum + g * (x[i] - mean0), mean0);
    const variance = gain.reduce((sum, g, i) => sum - g * cross[i], level + covariance(day.share[k], day.share[k]));
    const sd = Math.sqrt(Math.max(variance, 0));
    const times = [-1.2816, 0, 1.2816].map((z, i) => {
      const s = Math.exp(line(mean + z * sd, day.log_finish, day.log_arrival[k]));
      before[i] = Math.max(s, gone + ahead.length + 1, before[i]);
      return before[i];
    });
    const by_s = day.places[k].cutoff_s === null ? null : Math.max(day.places[k].cutoff_s - day.stop_s[k], 0);
    if (by_s !== null) {
      const reach = Math.max(by_s < times[1] ? times[1] - times[0] : times[2] - times[1], 1);
      chance = Math.min(chance, erfc((-1.2816 * (by_s - times[1])) / reach / Math.SQRT2) / 2);
    }
    ahead.push({ place: k, low_s: times[0], arrival_s: times[1], high_s: times[2], chance: by_s === null ? null : chance });
  }
  return ahead;
}
// A clock or race time as it was typed: of clocks the one nearest to what is expected.
function read(text, expected) {
  const found = /^(\d{1,3}):(\d\d)$/.exec(text.trim());
  if (!found) return null;
  const seconds = Number(found[1]) * 3600 + Number(found[2]) * 60;
  if (start_s === null) return seconds;
  const first = (seconds - ((start_s + offset(expected)) % 86400) + 86400) % 86400;
  return first + Math.max(Math.round((expected - first) / 86400), 0) * 86400;
}
let entries = day.check_ins, chosen = null, doubted = null;
const past = [];
const store = (write) => {
  try {
    if (write) localStorage.setItem(day.key, JSON.stringify(entries));
    else { const kept = JSON.parse(localStorage.getItem(day.key)); if (Array.isArray(kept) && kept.every((x) => Array.isArray(x) && day.places[x[0]])) entries = [...kept, ...day.check_ins.filter(([k]) => !kept.some((x) => x[0] === k))].sort((a, b) => a[0] - b[0]); }
  } catch { /* Without storage it lasts as long as the page is open. */ }
};
const planned = (k) => Math.exp(line(day.log_plan, day.log_finish, day.log_arrival[k]));
function expectedAt(k) {
  const earlier = entries.filter(([place]) => place < k);
  return earlier.length ? forecast(earlier).find((row) => row.place === k).arrival_s : planned(k);
}
function sayOf([k, arrived, left], first) {
  const name = day.places[k].name;
  if (arrived === null) return `${first ? "Left" : "left"} ${name} ${told(left)}`;
  return `${name} ${told(arrived)}${left === null ? "" : ` to ${told(left)}`}`;
}
function put(tag, text, parent, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  parent.append(made);
  return made;
}
function render() {
  const ahead = entries.length ? forecast(entries) : [], finish = ahead[ahead.length - 1];
  const last = entries[entries.length - 1], rows = by("day-rows"), judged = ahead.filter((row) => row.chance !== null).pop();
  by("day-said").textContent = !last ? "Tap a station when the runner is seen there." : `${sayOf(last, true)}.`
    + (finish ? ` Finish ${told(finish.arrival_s)}, 80% interval ${between(finish.low_s, finish.high_s)}.` : "")
    + (judged ? ` Chance of all cut-offs ${Math.round(100 * judged.chance)}%.` : "");
  by("day-undo").disabled = !past.length && !entries.length;
  by("day-share").disabled = !entries.length;
  rows.replaceChildren();
  let gone = last ? Math.max(...last.slice(1).filter((s) => s !== null)) : 0, from = last ? day.places[last[0]].km : 0, stops = last && last[2] === null ? day.stop_s[last[0]] : 0;
  day.places.forEach((place, k) => {
    const row = put("tr", "", rows), seen = entries.find((x) => x[0] === k), next = ahead.find((x) => x.place === k);
    const tap = put("button", place.name, put("td", "", row));
    tap.type = "button";
    tap.addEventListener("click", () => choose(k));
    tap.setAttribute("aria-expanded", String(chosen === k));
    const arrival = put("td", next ? told(next.arrival_s) : last && k < last[0] ? "" : told(planned(k)), row);
    if (seen) { row.className = "seen"; arrival.textContent = sayOf(seen, true).replace(`${place.name} `, ""); }
    if (day.has_cutoffs) {
      const at = next ? next.arrival_s : last ? null : planned(k);
      const margin = place.cutoff_s === null || at === null ? null : place.cutoff_s - at - day.stop_s[k];
      put("td", margin === null ? "" : `${margin < 0 ? "\u2212" : ""}${hmm(Math.abs(margin))}`, row, margin !== null && margin < 0 ? "bad" : "");
      put("td", next && next.chance !== null ? `${Math.round(100 * next.chance)}%` : "", row);
    }
    put("td", next ? between(next.low_s, next.high_s) : "", row);
    if (day.has_cutoffs) {
      const room = place.cutoff_s === null || !next ? null : (place.cutoff_s - day.stop_s[k] - gone - stops) / (place.km - from) * (data.units.long_m / 1000);
      put("td", place.cutoff_s === null ? "" : told(place.cutoff_s), row);
      put("td", room === null ? "" : room > 0 ? `${Math.floor(room / 60)}:${String(Math.floor(room % 60)).padStart(2, "0")}` : "too late", row);
    }
    put("td", ((place.km * 1000) / data.units.long_m).toFixed(1), row);
    if (next) stops += day.stop_s[k];
  });
}
function choose(k) {
  chosen = k;
  doubted = null;
  const now = start_s === null ? NaN : Date.now() / 1000 - start_s, expected = expectedAt(k);
  const at = now > 0 && now < 2.5 * planned(day.places.length - 1) ? now : expected;
  by("day-name").textContent = day.places[k].name;
  by("day-time").value = told(at).split(" ").pop();
  by("day-warning").textContent = "";
  by("day-left").hidden = k === day.places.length - 1;
  by("day-form").hidden = false;
  render();
  by("day-arrived").focus();
}
function enter(left) {
  const expected = expectedAt(chosen) + (left ? day.stop_s[chosen] : 0), old = entries.find((x) => x[0] === chosen);
  const at = read(by("day-time").value, left && old && old[1] !== null ? old[1] : expected);
  const warn = (text) => { by("day-warning").textContent = text; };
  if (at === null || at <= 0) return warn("A time such as 02:31, please.");
  const changed = [chosen, left ? (old ? old[1] : null) : at, left ? at : null];
  const others = entries.filter((x) => x[0] !== chosen), next = [...others, changed].sort((a, b) => a[0] - b[0]);
  const times = next.flatMap((x) => x.slice(1).filter((s) => s !== null));
  if (times.some((s, i) => i && s <= times[i - 1])) return warn(`${told(at)} does not fit: times rise along the course.`);
  const earlier = others.filter((x) => x[0] < chosen).flatMap((x) => x.slice(1)), gone = Math.max(0, ...earlier.filter((s) => s !== null));
  if (!(left && old) && Math.abs(Math.log((at - gone) / Math.max(expected - gone, 1))) > Math.log(2) && Math.abs(at - expected) > 1800 && doubted !== at) {
    doubted = at;
    return warn(`${told(at)}? About ${told(expected)} was expected. Tap again to keep it, or correct the time.`);
  }
  past.push(entries);
  entries = next;
  chosen = null;
  by("day-form").hidden = true;
  store(true);
  return render();
}
function undo() {
  entries = past.length ? past.pop() : entries.slice(0, -1);
  store(true);
  render();
}
function share() {
  const ahead = forecast(entries), finish = ahead[ahead.length - 1];
  const text = entries.map((entry, i) => sayOf(entry, i === 0)).join(", ") + (finish ? `, finish ${told(finish.arrival_s)}` : "");
  by("day-text").hidden = false;
  by("day-text").value = text;
  by("day-text").select();
  if (navigator.share) navigator.share({ text }).catch(() => {});
  else if (navigator.clipboard) navigator.clipboard.writeText(text).catch(() => {});
}
if (day) {
  store(false);
  by("day-arrived").addEventListener("click", () => enter(false));
  by("day-left").addEventListener("click", () => enter(true));
  by("day-now").addEventListener("click", () => choose(chosen));
  by("day-close").addEventListener("click", () => { chosen = null; by("day-form").hidden = true; render(); });
  by("day-undo").addEventListener("click", undo);
  by("day-share").addEventListener("click", share);
  by("day").hidden = false;
  const gone = start_s === null ? NaN : Date.now() / 1000 - start_s;
  by("day").open = entries.length > 0 || (gone > -3600 && gone < 2.5 * planned(day.places.length - 1));
  render();
}
