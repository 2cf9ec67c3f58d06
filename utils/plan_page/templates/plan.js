// Shows the values at the place where the pointer or the slider is.
"use strict";
const { names, rows, wide, narrow } = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const cursor = by("cursor"), dot = by("dot"), place = by("place"), readout = by("readout");
const phone = matchMedia("screen and (max-width: 40rem)");
const ends = () => (phone.matches ? narrow : wide);
function show(index) {
  const row = rows[index];
  const [left, right] = ends();
  const x = left + (right - left) * row[0];
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  dot.setAttribute("cx", row[1]);
  dot.setAttribute("cy", row[2]);
  readout.replaceChildren(...names.map((name, i) => {
    const item = document.createElement("span"), value = document.createElement("b");
    value.textContent = row[3 + i];
    item.append(`${name} `, value);
    return item;
  }));
  place.setAttribute("aria-valuetext", names.map((name, i) => `${name} ${row[3 + i]}`).join(", "));
}
function follow(event) {
  const frame = by("along").getBoundingClientRect(), [left, right] = ends();
  const share = ((event.clientX - frame.left) / frame.width - left) / (right - left);
  const index = rows.reduce((best, row, i) => (Math.abs(row[0] - share) < Math.abs(rows[best][0] - share) ? i : best), 0);
  place.value = String(index);
  show(index);
}
function nearest(event) {
  const frame = by("map").getBoundingClientRect();
  const x = (event.clientX - frame.left) / frame.width, y = (event.clientY - frame.top) / frame.height;
  const away = (row) => ((row[1] - x) * frame.width) ** 2 + ((row[2] - y) * frame.height) ** 2;
  const index = rows.reduce((best, row, i) => (away(row) < away(rows[best]) ? i : best), 0);
  place.value = String(index);
  show(index);
}
by("along").addEventListener("pointermove", follow);
by("along").addEventListener("pointerdown", follow);
by("map").addEventListener("pointermove", nearest);
by("map").addEventListener("pointerdown", nearest);
place.addEventListener("input", () => show(Number(place.value)));
phone.addEventListener("change", () => show(Number(place.value)));
document.querySelector(".reading").hidden = false;
show(0);
