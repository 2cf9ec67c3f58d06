// Zooms all charts along the course together: by a range that is dragged over, wheel, fingers, buttons or keys.
{
  const LEAST = 0.05, far = ((last_step + 1) * 5) / data.units.long_m, narrow = matchMedia("(max-width: 40rem)");
  const parts = charts.map((chart) => [chart, chart.querySelector("svg"),
    [...chart.querySelectorAll(".x, .name")].map((word) => [word, parseFloat(word.getAttribute("x")) / 100])]);
  const added = (chart, kind, values) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
    for (const [name, value] of Object.entries(values)) made.setAttribute(name, value);
    chart.append(made);
    return made;
  };
  const percent = (share) => (100 * (share - seen.from)) / (seen.to - seen.from);
  const placed = (word, share) => {
    const x = percent(share);
    word.setAttribute("x", `${x.toFixed(2)}%`);
    word.style.visibility = x < -0.1 || x > 100.1 ? "hidden" : "";
  };
  function look(from, to) {
    const wide = Math.min(Math.max(to - from, LEAST), 1), shown = far * wide;
    seen.from = Math.min(Math.max((from + to - wide) / 2, 0), 1 - wide);
    seen.to = seen.from + wide;
    const tick = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((one) => shown / one <= (narrow.matches ? 4 : 10)) ?? 100;
    for (const [chart, plane, words] of parts) {
      plane.setAttribute("viewBox", `${1e4 * seen.from} 0 ${1e4 * wide} 1000`);
      words.forEach(([word, share]) => placed(word, share));
      chart.classList.toggle("zoomed", wide < 1);
      chart.querySelectorAll(".z").forEach((text) => text.remove());
      for (let n = Math.ceil(seen.from * (far / tick)); wide < 1 && n * tick <= seen.to * far; n += 1) {
        const text = added(chart, "text", { class: "x z", y: "100%", dy: "1.25em" });
        text.textContent = n ? `${Number((n * tick).toFixed(1))} ${data.units.long}` : "0";
        placed(text, (n * tick) / far);
      }
    }
    show(chosen_step());
  }
  const here = () => (chosen_step() + 1) / (last_step + 1), whole = () => look(0, 1);
  const shift = (by_share) => look(seen.from + by_share, seen.to + by_share);
  const zoom = (factor, about = here()) => look(about - (about - seen.from) * factor, about + (seen.to - about) * factor);
  for (const [chart] of parts) {
    const fingers = new Map(), wide = () => seen.to - seen.from, width = () => chart.getBoundingClientRect().width;
    let start = null, mark = null;
    chart.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse") fingers.set(event.pointerId, event.clientX);
      else if (event.button === 0) {
        chart.setPointerCapture(event.pointerId);
        start = share_at(chart, event.clientX);
        mark = added(chart, "rect", { class: "chosen", height: "100%" });
      }
    });
    chart.addEventListener("pointermove", (event) => {
      if (start !== null) {
        const ends = [start, share_at(chart, event.clientX)].map(percent).sort((a, b) => a - b);
        mark.setAttribute("x", `${ends[0]}%`);
        mark.setAttribute("width", `${ends[1] - ends[0]}%`);
      }
      if (!fingers.has(event.pointerId)) return;
      const before = [...fingers.values()], moved = event.clientX - fingers.get(event.pointerId);
      fingers.set(event.pointerId, event.clientX);
      const now = [...fingers.values()], apart = ([a, b]) => Math.max(Math.abs(a - b), 20);
      if (now.length === 1) shift((-moved / width()) * wide());
      else zoom(apart(before) / apart(now), share_at(chart, (now[0] + now[1]) / 2));
    });
    for (const name of ["pointerup", "pointercancel"]) chart.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      if (start === null) return;
      const [from, to] = [start, share_at(chart, event.clientX)].sort((a, b) => a - b);
      mark.remove();
      start = null;
      if (name === "pointerup" && to - from > 0.02 * wide()) {
        look(from, to);
        slider.focus({ preventScroll: true });
      }
    });
    chart.addEventListener("dblclick", whole);
    chart.addEventListener("wheel", (event) => {
      const along = wide() < 1 && Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!along && !event.ctrlKey && document.activeElement !== slider) return; // else the page scrolls
      event.preventDefault();
      if (along) shift((event.deltaX / width()) * wide());
      else zoom(Math.exp(event.deltaY * 0.002), share_at(chart, event.clientX));
    }, { passive: false });
  }
  const keys = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: whole, Escape: whole };
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  slider.addEventListener("input", () => { if (here() < seen.from || here() > seen.to) shift(here() - (seen.from + seen.to) / 2); });
  for (const [id, key] of [["near", "+"], ["far", "-"], ["whole", "0"]]) by(id).addEventListener("click", keys[key]);
  addEventListener("beforeprint", whole);
  by("zooms").hidden = false;
}
