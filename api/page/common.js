// What all parts of the page need: elements, requests that fail with a sentence, and files to keep.

export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// The answer to a form that is sent; an Error with a sentence if it is refused, or nobody answers.
export async function post(path, form, signal) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body: form, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("No answer. Is trailcast still running, and are you online?");
  }
  if (answer.ok) return answer;
  let fault = null;
  try { fault = await answer.json(); } catch { /* not in our words */ }
  throw new Error(fault?.found ? `Found ${fault.found}; expected ${fault.expected}. ${fault.remedy}` : `The answer was ${answer.status}.`);
}

export function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function nameOf(answer, other) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "");
  return found ? decodeURIComponent(found[1]) : other;
}

// Files that are dropped on a box, those of folders too, as pairs of a path and a File.
export function onDrop(box, take) {
  for (const name of ["dragenter", "dragover"]) box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("over"));
  box.addEventListener("drop", async (event) => {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = entries.length ? [] : [...event.dataTransfer.files].map((file) => [file.name, file]);
    for (const entry of entries) await walk(entry, found);
    take(found);
  });
}

async function walk(entry, found) {
  if (entry.isFile) {
    found.push([entry.fullPath.replace(/^\//, ""), await new Promise((done, failed) => entry.file(done, failed))]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}
