// What all scripts of the page share: the plan's numbers, elements, and times as text.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
function hmm(seconds) {
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
function hmmss(seconds) {
  const whole = Math.round(seconds), two = (x) => String(x % 60).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60))}:${two(whole)}`;
}
const mss = (seconds) => hmmss(seconds).replace(/^0:0?/, "");
// Difference of the clocks from UTC at a race time: they may change on the way.
const offset = (seconds) => data.clock.offsets.reduce((last, [from, shift]) => (seconds >= from ? shift : last), 0);
function told(seconds) {
  if (data.clock === null) return hmm(seconds);
  const local = (s) => {
    const minute = Math.round((data.clock.start_unix_s + s) / 60) * 60;
    return new Date(1000 * (minute + offset(minute - data.clock.start_unix_s)));
  };
  const when = local(seconds), clock = when.toISOString().slice(11, 16);
  return when.toISOString().slice(0, 10) === local(0).toISOString().slice(0, 10) ? clock
    : `${["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][when.getUTCDay()]} ${clock}`;
}
function between(low_s, high_s) {
  const low = told(low_s), high = told(high_s), day_of = (text) => text.split(" ").slice(0, -1).join(" ");
  return `${low} to ${day_of(low) === day_of(high) ? high.split(" ").pop() : high}`;
}
