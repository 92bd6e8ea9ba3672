// The open chat: what is drawn again, where one is in it, and the keys that move among its buttons.
import { bubble, rows } from "/bubble.js";
import { $, alert, api, chat, copy, day, make, narrow, say, state, toast } from "/tools.js";
import { follow, loadPeople, seen } from "/people.js";
import { showCommands, startEdit } from "/compose.js";

const TYPING = 5000;
let shown = new Map();
let heard = Infinity;
let unreadFrom = null;
let typing = 0;
let said = false;
// On a phone its rows would take a fifth of the screen from the chat.
let keysOpen = !narrow();

export function forget() {
  shown = new Map();
  heard = Infinity;
  unreadFrom = null;
  $("messages").replaceChildren();
  $("keyboard").replaceChildren();
  $("begin").hidden = true;
}

export async function refresh() {
  if (!state.person) return;
  const { person, bot } = state;
  const now = await api(`/api/people/${person}/messages?bot=${bot}`);
  if (person !== state.person || bot !== state.bot) return;
  const first = state.seq < 0;
  const messages = now.messages.filter((message) => !message.deleted);
  if (first) unreadFrom = messages.find((message) => message.from === "bot" && message.id > now.read)?.id ?? null;
  state.seq = now.seq;
  const atEnd = first || distance() < 140;
  const focus = focused();
  draw(messages, now);
  if (focus) refocus(focus);
  drawKeyboard(now);
  showCommands(now.commands);
  showTyping(now.typing);
  tell(now.toasts);
  if (first) begin(); else if (said) toEnd("instant"); else if (atEnd) toEnd();
  said = false;
  if (seen() && messages.some((message) => message.from === "bot" && message.id > now.read))
    await api(`/api/people/${person}`, { bot, read: true });
}

function draw(messages, now) {
  const wanted = [];
  const byId = new Map(now.messages.map((message) => [message.id, message]));
  let date = "";
  for (const message of messages) {
    if (day(message.date) !== date) wanted.push(make("li", { className: "day", textContent: day(message.date) }));
    date = day(message.date);
    if (message.id === unreadFrom) wanted.push(make("li", { className: "new", textContent: say("unread") }));
    const known = shown.get(message.id);
    const node = known?.seq === message.seq ? known.node : bubble(message, byId.get(message.reply_to), { press, follow, edit: startEdit });
    node.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
    shown.set(message.id, { seq: message.seq, node });
    wanted.push(node);
  }
  if (!messages.length) wanted.push(make("li", { className: "start" }, make("p", { textContent: now.about || say("about_none") }),
    make("button", { type: "button", textContent: say("start"), onclick: () => send("/start") })));
  put($("messages"), wanted);
  const all = buttons();
  const newest = all.findLast((one, place) => !place || all[place - 1].closest("li") !== one.closest("li"));
  if (newest && !all.includes(document.activeElement)) rove(newest);
}

// Only what changed is touched, so that a reader of the log hears only what is new.
function put(list, wanted) {
  wanted.forEach((node, place) => { if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null); });
  while (list.children.length > wanted.length) list.lastChild.remove();
}

function drawKeyboard({ keyboard, messages }) {
  // Whoever was written to first has no keys yet: /start brings them. What was deleted may have been it.
  const begun = messages.some((one) => one.from === "me" && (one.deleted || one.text.startsWith("/start")));
  const begins = !keyboard.length && !begun && messages.some((one) => !one.deleted);
  $("begin").hidden = !begins;
  $("begin").textContent = say("start");
  const text = JSON.stringify(keyboard);
  $("keypad").hidden = !keyboard.length;
  showKeyboard(keyboard.length && keysOpen);
  if ($("keyboard").dataset.rows === text && $("keyboard").firstChild) return;
  $("keyboard").dataset.rows = text;
  const named = keyboard.map((row) => row.map((label) => ({ text: label })));
  $("keyboard").replaceChildren(...rows(named, (button) => { if (narrow()) setKeys(false); send(button.text); }).children);
  $("keyboard").querySelectorAll("button").forEach((node) => { node.tabIndex = 0; });
}

function showKeyboard(open) {
  $("keyboard").hidden = !open;
  $("keypad").ariaExpanded = String(Boolean(open));
}

function setKeys(open) {
  keysOpen = open;
  showKeyboard(open);
}
$("begin").onclick = () => send("/start");
$("keypad").onclick = () => { setKeys($("keyboard").hidden); toEnd(); };

function showTyping(is) {
  clearTimeout(typing);
  const its = chat();
  if (its) $("subtitle").textContent = is ? say("typing") : `${its.title} @${its.username}`;
  $("subtitle").classList.toggle("typing", is);
  if (is) typing = setTimeout(() => showTyping(false), TYPING);
}

function tell(toasts) {
  const fresh = toasts.filter((one) => one.seq > heard).at(-1);
  if (fresh?.alert) alert(fresh.text); else if (fresh) toast(fresh.text);
  heard = Math.max(0, ...toasts.map((one) => one.seq));
}

// ── Where one is ───────────────────────────────────────────────────────────────────────────────
const distance = () => $("messages").scrollHeight - $("messages").scrollTop - $("messages").clientHeight;
const toEnd = (behavior = "auto") => $("messages").scrollTo({ top: $("messages").scrollHeight, behavior });

// What isn't read comes into view from its beginning, else the end of the chat.
function begin() {
  const mark = $("messages").querySelector(".new");
  if (mark) $("messages").scrollTo({ top: mark.offsetTop - $("messages").offsetTop - 8, behavior: "instant" });
  else $("messages").scrollTo({ top: $("messages").scrollHeight, behavior: "instant" });
}
$("messages").onscroll = () => { $("newest").hidden = distance() < 200; };
$("newest").onclick = () => toEnd();
// A picture that arrives late must not push the newest message out of view.
$("messages").addEventListener("load", () => { if (distance() < 400) toEnd(); }, true);

// ── Keys ───────────────────────────────────────────────────────────────────────────────────────
const buttons = () => [...$("messages").querySelectorAll(".rows button, .start button")];

function rove(node) {
  for (const one of buttons()) one.tabIndex = -1;
  node.tabIndex = 0;
}

function focused() {
  const node = document.activeElement;
  const item = node?.closest?.("#messages li");
  if (!item || !node.matches(".rows button")) return null;
  return { id: item.dataset.id, place: [...item.querySelectorAll(".rows button")].indexOf(node), text: node.textContent };
}

// The same place under the same message; where that is gone, the newest buttons.
function refocus({ id, place, text }) {
  const all = buttons();
  if (all.includes(document.activeElement)) return;
  const same = all.filter((one) => one.closest("li").dataset.id === id);
  const last = all.filter((one) => one.closest("li") === all.at(-1)?.closest("li"));
  const node = same.find((one) => one.textContent === text) ?? same[Math.min(place, same.length - 1)] ?? last[0];
  if (node) { rove(node); node.focus({ preventScroll: true }); } else $("text").focus();
}

export function toButtons() {
  const node = buttons().findLast((one) => one.tabIndex === 0);
  if (node) { node.focus(); node.scrollIntoView({ block: "nearest" }); }
  return Boolean(node);
}

$("messages").onkeydown = (event) => {
  if (event.key === "Escape") { $("text").focus(); return event.preventDefault(); }
  const all = buttons(), node = document.activeElement;
  if (!all.includes(node)) return;
  const row = [...node.parentElement.children], column = row.indexOf(node);
  const across = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  let to = across && row[column + across];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const lines = [...new Set(all.map((one) => one.parentElement))];
    const line = lines[lines.indexOf(node.parentElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!line && event.key === "ArrowDown") $("text").focus();
    to = line && line.children[Math.min(column, line.children.length - 1)];
  }
  if (to) { rove(to); to.focus(); to.scrollIntoView({ block: "nearest" }); }
  if (across || event.key.startsWith("Arrow")) event.preventDefault();
};

// ── What one does ──────────────────────────────────────────────────────────────────────────────
async function press(message, button, node) {
  if (button.copy_text) return copy(button.copy_text.text);
  if (button.url) return follow(null, button.url);
  if (node.ariaBusy === "true") return;
  rove(node);
  node.ariaBusy = "true";
  try {
    await api(`/api/people/${state.person}/presses`, { bot: state.bot, message_id: message.id, data: button.callback_data });
  } catch {
    node.removeAttribute("aria-busy");
    toast(say("failed"));
  }
}

export async function send(text) {
  // Whoever says something wants to see it and what comes of it, wherever they were reading.
  said = true;
  try {
    await api(`/api/people/${state.person}/messages`, { bot: state.bot, text });
    unreadFrom = null;
    return true;
  } catch {
    toast(say("failed"));
    return false;
  }
}

document.addEventListener("visibilitychange", async () => { if (seen() && state.person) { await refresh(); await loadPeople(); } });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (narrow() && state.person) $("back").click();
  else document.querySelector("#people [tabindex='0']")?.focus();
});
