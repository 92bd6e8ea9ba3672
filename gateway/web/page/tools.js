// What every part of the page uses: its words, making elements, dates, the clipboard, small dialogs.
import { words } from "/words.js";

const ZONE = "Asia/Shanghai";
const TOLD = 6000;
const english = navigator.language.toLowerCase().startsWith("en");
const own = english ? words.en : words.zh;
const locale = english ? "en-GB" : "zh-CN";
export const $ = (id) => document.getElementById(id);

export function say(key, values = {}) {
  return own[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// What went wrong, in words: the server says it in Chinese, so in English its code is translated.
export const why = (failure) => own.errors[failure.code] ?? failure.message;

export function make(tag, attributes = {}, ...children) {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children);
  return node;
}

// For what a look alone tells.
export function silent(node) {
  node.setAttribute("aria-hidden", "true");
  return node;
}

export const last = (all) => all[all.length - 1];

export const button = (text, onclick, className = "") => make("button", { type: "button", textContent: text, onclick, className });

export function label() {
  document.documentElement.lang = english ? "en" : "zh-CN";
  document.title = say("title");
  for (const node of document.querySelectorAll("[data-text]")) tell(node, say(node.dataset.text));
  for (const node of document.querySelectorAll("[data-label]")) named(node, say(node.dataset.label));
}

// A paragraph breaks after its commas, where it can: Chinese has no spaces, and a browser would leave
// one character alone on a line.
export function tell(node, text) {
  if (node.textContent === text) return;
  if (english || !node.matches("p")) node.textContent = text;
  else node.replaceChildren(...(text.match(/[^，。：；]*[，。：；]|[^，。：；]+/g) ?? []).map((part) => make("span", { className: "phrase", textContent: part })));
}

export function named(node, text) {
  node.setAttribute("aria-label", text);
  if (node.matches("button")) node.title = text;
  return node;
}

// ── Screens ────────────────────────────────────────────────────────────────────────────────────
export const shownScreen = () => [...document.querySelectorAll(".screen")].find((node) => !node.hidden)?.id;

export function show(id) {
  for (const node of document.querySelectorAll(".screen")) node.hidden = node.id !== id;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}

// Read out once by whoever can't see, and not left lying in the page. It is always there: what is
// shown and filled at one moment isn't read out everywhere.
export function announce(text) {
  const line = make("p", { textContent: text });
  $("heard").append(line);
  setTimeout(() => line.remove(), TOLD);
}

let timer = 0;
export function toast(text) {
  announce(text);
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(timer);
  timer = setTimeout(quiet, TOLD);
}

export function quiet() {
  clearTimeout(timer);
  $("toast").hidden = true;
  $("toast").textContent = "";
}

// A short list to choose from; on a phone it comes from below. `choices`: [text, act, class].
export function choose(title, choices) {
  const box = $("actions");
  box.querySelector("h2").textContent = title;
  box.querySelector("div").replaceChildren(
    ...choices.map(([text, act, className]) => button(text, () => { box.close(); act(); }, className)),
    button(say("close"), () => box.close(), "plain"));
  box.showModal();
}

export function sure(text, yes, no) {
  const box = $("sure");
  box.querySelector("p").textContent = text;
  return new Promise((resolve) => {
    let answer = false;
    const choice = (words, means, className) => button(words, () => { answer = means; box.close(); }, className);
    box.querySelector("div").replaceChildren(choice(no, false, "primary"), choice(yes, true, "danger"));
    box.onclose = () => resolve(answer);
    box.showModal();
  });
}

// Beside a sheet is out of it.
for (const box of document.querySelectorAll(".sheet")) box.onclick = ({ target }) => { if (target === box) box.close(); };

// What a form has against what was filled in, where it is seen; "" for nothing.
export function objects(line, text) {
  line.textContent = text;
  line.hidden = !text;
  if (text) line.scrollIntoView({ block: "nearest" });
}

// ── Dates, as where the work is done ───────────────────────────────────────────────────────────
const shown = (form) => (date) => new Date(date).toLocaleString(locale, { ...form, hour12: false, timeZone: ZONE });
export const day = shown({ month: "long", day: "numeric", weekday: "long" });
export const clockTime = shown({ hour: "2-digit", minute: "2-digit" });
export const moment = shown({ month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });

// ── Clipboard and links ────────────────────────────────────────────────────────────────────────
export async function copy(text, done = say("copied")) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    const field = $("copy").querySelector("textarea");
    field.value = text;
    $("copy").showModal();
    field.select();
  }
}
$("copy").onclose = () => { $("copy").querySelector("textarea").value = ""; };

const OPENED = ["https:", "http:", "mailto:", "tg:"];
export function addressOf(text) {
  try {
    const url = new URL(text);
    return OPENED.includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

// An invitation works once and is for somebody else: opening it here would use it up.
export function follow(text) {
  const url = addressOf(text);
  if (!url) return;
  if (url.origin === location.origin && url.hash.startsWith("#join=")) copy(url.href, say("copied_link"));
  else window.open(url, "_blank", "noopener");
}

export const sizeOf = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);
export const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
