// Zooms and pans the map, by wheel, fingers, buttons or keys, and tells the place under the pointer.
const drawing = by("map").querySelector("svg"), home = drawing.getAttribute("viewBox").split(" ").map(Number);
let view = home.slice();
const unit = () => { const box = drawing.getBoundingClientRect(); return Math.max(view[2] / box.width, view[3] / box.height); };
const stations_shown = [...drawing.querySelectorAll(".station")].map((place) => {
  const [x, y] = ["--x", "--y"].map((name) => parseFloat(place.style.getPropertyValue(name))), text = place.querySelector("text");
  return { place, x, y, wide: 6.4 * text.textContent.length, left: text.getAttribute("text-anchor") === "end" };
});
function draw() {
  drawing.setAttribute("viewBox", view.map((x) => x.toFixed(1)).join(" "));
  const u = unit(), boxes = [];
  drawing.style.setProperty("--u", u.toFixed(3));
  drawing.classList.toggle("zoomed", view[2] < 0.99 * home[2]);
  for (const { place, x, y, wide, left } of stations_shown) {
    const box = [left ? x - wide * u : x, y - 7.5 * u, left ? x : x + wide * u, y + 7.5 * u];
    const free = boxes.every((b) => box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3]);
    place.classList.toggle("crowded", !free);
    if (free) boxes.push(box);
  }
}
// The place of the drawing under a point of the screen.
function under(x, y) {
  const point = new DOMPoint(x, y).matrixTransform(drawing.getScreenCTM().inverse());
  return [point.x, point.y];
}
function zoom(factor, [x, y] = [view[0] + view[2] / 2, view[1] + view[3] / 2]) {
  const wide = Math.min(Math.max(view[2] * factor, home[2] / 60), home[2]), f = wide / view[2];
  view = [x - (x - view[0]) * f, y - (y - view[1]) * f, wide, view[3] * f];
  pan(0, 0);
}
function pan(x, y) {
  // Some of the course stays in sight.
  [0, 1].forEach((i) => { view[i] = Math.min(Math.max(view[i] + [x, y][i], home[i] - view[i + 2] / 2), home[i] + home[i + 2] - view[i + 2] / 2); });
  if (view[2] >= 0.999 * home[2]) view = home.slice();
  draw();
}
const fingers = new Map();
let moved = false;
function tell(event) {
  const [x, y] = under(event.clientX, event.clientY);
  let best = 0, least = Infinity;
  for (let i = 0; i < count; i += 1) {
    const away = (places.x[i] - x) ** 2 + (places.y[i] - y) ** 2;
    if (away < least) { least = away; best = i; }
  }
  if (least < (60 * unit()) ** 2) go(places.step[best]);
}
drawing.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && document.activeElement !== drawing) return; // else the page scrolls
  event.preventDefault();
  zoom(Math.exp(event.deltaY * 0.002), under(event.clientX, event.clientY));
}, { passive: false });
drawing.addEventListener("pointerdown", (event) => { fingers.set(event.pointerId, event); moved = false; });
drawing.addEventListener("pointermove", (event) => {
  if (!fingers.has(event.pointerId)) return tell(event);
  const before = [...fingers.values()], old = fingers.get(event.pointerId);
  if (Math.hypot(event.clientX - old.clientX, event.clientY - old.clientY) < 2) return undefined;
  fingers.set(event.pointerId, event);
  const now = [...fingers.values()];
  if (now.length === 1) {
    const a = under(old.clientX, old.clientY), b = under(event.clientX, event.clientY);
    pan(a[0] - b[0], a[1] - b[1]);
  } else {
    const apart = ([p, q]) => Math.hypot(p.clientX - q.clientX, p.clientY - q.clientY);
    zoom(apart(before) / Math.max(apart(now), 1), under((now[0].clientX + now[1].clientX) / 2, (now[0].clientY + now[1].clientY) / 2));
  }
  moved = true;
  return undefined;
});
for (const name of ["pointerup", "pointercancel", "pointerleave"]) drawing.addEventListener(name, (event) => {
  if (name === "pointerup" && !moved) tell(event);
  fingers.delete(event.pointerId);
});
// A drag that ends on a station opens no map.
drawing.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
const keys = { "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), 0: () => zoom(1000),
  ArrowLeft: () => pan(-view[2] / 8, 0), ArrowRight: () => pan(view[2] / 8, 0), ArrowUp: () => pan(0, -view[3] / 8), ArrowDown: () => pan(0, view[3] / 8) };
drawing.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
for (const [id, key] of [["map-in", "+"], ["map-out", "-"], ["map-whole", "0"]]) by(id).addEventListener("click", () => keys[key]());
document.querySelector(".map-buttons").hidden = false;
addEventListener("resize", draw);
draw();
