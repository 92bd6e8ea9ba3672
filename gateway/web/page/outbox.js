// What the person says and presses, until the server has stored it: one after another, each with a
// key of its own, so that what was sent without an answer is sent again and still counts once.
import { Failure, api, me, upload } from "/server.js";
import { randomKey, say, toast, why } from "/tools.js";

const KEPT = "yinlu-unsent";
const PRESS_HOLDS = 60_000;
// Later than this an answer may meet another question: the person is asked.
const TEXT_HOLDS = 600_000;
const AGAIN = 3_000;
// One that the server itself stumbles over must not keep the others back for ever.
const MOST_TRIES = 5;

// {kind: "text" | "press", key, at, state: waiting | sending | failed | stale, …}
let items = [];
let going = false;
let timer = 0;
const changed = () => document.dispatchEvent(new Event("outbox"));

export const unsent = () => items.filter((item) => item.kind === "text");
export const unsentFiles = () => items.some((item) => item.files?.length);
export const pressOf = (message) => items.find((item) => item.kind === "press" && item.message === message);
export const sendingText = () => items.some((item) => item.kind === "text" && item.state === "sending");

export function sayText(text, reply_to = null, files = []) {
  add({ kind: "text", text, reply_to, files });
}

export function press(message, data, label) {
  if (pressOf(message)) return;
  add({ kind: "press", message, data, label });
}

function add(item) {
  items.push({ key: randomKey(), at: Date.now(), state: "waiting", ...item });
  keep();
  changed();
  drain();
}

// Texts alone survive a reload, in this tab only; files and presses don't.
function keep() {
  const texts = unsent().filter((item) => !item.files.length).map(({ key, at, text, reply_to }) => ({ key, at, text, reply_to }));
  if (texts.length) sessionStorage.setItem(KEPT, JSON.stringify({ name: me.name, texts }));
  else sessionStorage.removeItem(KEPT);
}

export function keptCount() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null")?.texts.length ?? 0;
}

// After signing in: what this person wrote in this tab before; another's is gone for good.
export function recall() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  items = [];
  if (kept?.name === me.name) items = kept.texts.map((text) => ({ kind: "text", files: [], state: "waiting", ...text }));
  keep();
  drain();
}

export function forgetMemory() {
  clearTimeout(timer);
  items = [];
}

export function forgetAll() {
  forgetMemory();
  sessionStorage.removeItem(KEPT);
}

export async function drain() {
  if (going) return;
  going = true;
  clearTimeout(timer);
  try {
    for (let item = next(); item; item = next()) if (!await attempt(item)) break;
  } finally {
    going = false;
  }
}

function next() {
  const now = Date.now();
  const late = items.filter((item) => item.kind === "press" && now - item.at > PRESS_HOLDS);
  if (late.length) { items = items.filter((item) => !late.includes(item)); toast(say("press_old")); }
  for (const item of items) if (item.kind === "text" && item.state === "waiting" && now - item.at > TEXT_HOLDS) item.state = "stale";
  changed();
  return items.find((item) => item.state === "waiting");
}

// Whether the next one may be tried.
async function attempt(item) {
  item.state = "sending";
  changed();
  try {
    await send(item);
    items = items.filter((other) => other !== item);
    keep();
    document.dispatchEvent(new CustomEvent("stored", { detail: { item } }));
    return true;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return refused(item, failure);
  } finally {
    changed();
  }
}

function refused(item, failure) {
  item.tries = failure.code === "failed" ? (item.tries ?? 0) + 1 : item.tries;
  if ((failure.passes && !(item.tries >= MOST_TRIES)) || failure.code === "signed_out") {
    item.state = "waiting";
    timer = setTimeout(drain, AGAIN);
    return false;
  }
  if (item.kind === "press") {
    items = items.filter((other) => other !== item);
    toast(why(failure));
  } else Object.assign(item, { state: "failed", why: why(failure) });
  return true;
}

function send(item) {
  const { key, text, reply_to, files } = item;
  if (item.kind === "press") return api("/api/presses", { method: "POST", body: { message: item.message, data: item.data, key } });
  if (!files.length) return api("/api/messages", { method: "POST", body: { text, key, ...(reply_to && { reply_to }) } });
  const form = new FormData();
  form.set("text", text);
  form.set("key", key);
  if (reply_to) form.set("reply_to", reply_to);
  for (const file of files) form.append("file", file);
  return upload("/api/messages", form, (part) => { item.part = part; changed(); });
}

export function again(item) {
  Object.assign(item, { state: "waiting", at: Date.now(), tries: 0 });
  drain();
}

export function drop(item) {
  items = items.filter((other) => other !== item);
  keep();
  changed();
}
