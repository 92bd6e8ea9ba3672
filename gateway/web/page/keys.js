// Keys in the list of messages: one stop for the tabulator, arrows go on from there.
import { isPinned } from "/place.js";
import { $, last } from "/tools.js";

export const controls = () => [...$("messages").querySelectorAll(".rows button:not(:disabled), .start button, .more, .photo, .file, .choices button")];

export function rove(node) {
  for (const one of controls()) one.tabIndex = -1;
  if (node) node.tabIndex = 0;
}

export function focused() {
  const node = document.activeElement;
  const item = node?.closest?.("#messages li");
  if (!item || !controls().includes(node)) return null;
  return { id: item.dataset.id, place: controlsOf(item).indexOf(node), text: node.textContent, top: node.getBoundingClientRect().top };
}
const controlsOf = (item) => controls().filter((one) => one.closest("li") === item);

// The same place under the same message; where that is gone, what can be pressed last.
export function refocus({ id, place, text, top: before }) {
  const all = controls();
  if (all.includes(document.activeElement)) return;
  const same = all.filter((one) => one.closest("li").dataset.id === id);
  const node = same.find((one) => one.textContent === text) ?? same[Math.min(place, same.length - 1)] ?? last(all);
  if (!node) return $("text").focus();
  rove(node);
  node.focus({ preventScroll: true });
  // A text that grew above it must not push it from under the finger.
  if (!isPinned() && same.includes(node)) $("messages").scrollBy({ top: node.getBoundingClientRect().top - before, behavior: "instant" });
}

export function toButtons() {
  const node = controls().find((one) => one.tabIndex === 0);
  if (node) { node.focus(); node.scrollIntoView({ block: "nearest" }); }
  return Boolean(node);
}

$("messages").onkeydown = (event) => {
  if (event.key === "Escape") { $("text").focus(); return event.preventDefault(); }
  const all = controls(), node = document.activeElement;
  if (!all.includes(node)) return;
  const row = all.filter((one) => one.parentElement === node.parentElement), column = row.indexOf(node);
  const across = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  let to = across && row[column + across];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const lines = [...new Set(all.map((one) => one.parentElement))];
    const line = lines[lines.indexOf(node.parentElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!line && event.key === "ArrowDown") $("text").focus();
    const its = all.filter((one) => one.parentElement === line);
    to = its[Math.min(column, its.length - 1)];
  }
  if (to) { rove(to); to.focus(); to.scrollIntoView({ block: "nearest" }); }
  if (across || event.key.startsWith("Arrow")) event.preventDefault();
};
