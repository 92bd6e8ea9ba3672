// The chat: which messages are known, what of them is drawn again, and what is done with them.
import { about, bubble, waiting } from "/bubble.js";
import { startAnswer, startEdit, startWith } from "/compose.js";
import { controls, focused, refocus, rove } from "/keys.js";
import * as outbox from "/outbox.js";
import { arrive, followsPress, isPinned, toEnd, watchPlace } from "/place.js";
import { api, me, serverNow } from "/server.js";
import { $, announce, button, choose, copy, day, follow, last, make, say, shownScreen, toast } from "/tools.js";

const PAGE = 50;
// How long contents of reports may be seen, as on Telegram.
const PROTECTED = 300_000;
// An answer that takes longer than this is worth a line.
const SOON = 2_000;
// After a long time away: what came last is read out, the rest is there to be read.
const MOST_HEARD = 3;

let known = new Map();
let nodes = new Map();
let removed = new Set();
let withdrawn = new Set();
let stored = new Map();
let seq = 0;
let more = false;
let loading = false;
let begun = false;
let timer = 0;
let arrived = 0;
let held = Infinity;
// Grows with every sign-in: what was asked for before isn't shown to whoever comes after.
let visit = 0;

export function forget() {
  clearTimeout(timer);
  known = new Map(); nodes = new Map(); removed = new Set(); withdrawn = new Set(); stored = new Map();
  seq = arrived = 0;
  more = begun = false;
  visit += 1;
  $("messages").replaceChildren();
  $("heard").replaceChildren();
  document.title = say("title");
}

// ── What comes in ──────────────────────────────────────────────────────────────────────────────
export async function loadNewest() {
  const here = visit;
  const answer = await api(`/api/messages?limit=${PAGE}`);
  if (here !== visit) return;
  known = new Map();
  more = answer.more;
  seq = answer.seq;
  for (const message of answer.messages) keep(message);
  begun = true;
  draw();
  toEnd("instant");
  arrive(nodes.get(last(answer.messages)?.id)?.node, 0, "instant");
}

// What changed while the page didn't hear of it.
export async function catchUp() {
  if (!begun) return loadNewest();
  const here = visit;
  // A place of its own: what the socket tells meanwhile is newer, and must not be taken for the whole.
  for (let after = seq, again = true; again;) {
    const answer = await api(`/api/messages?after=${after}`);
    if (here !== visit) return;
    again = answer.more && answer.seq > after;
    after = answer.seq;
    for (const text of answer.notes ?? []) note(text);
    take(answer.messages, answer.removed ?? [], answer.seq);
  }
}

// `messages` and ids that are gone, as of `now`.
export function take(messages, gone, now) {
  // What changed far above and was never loaded comes with its own page of history.
  const oldest = known.size ? Math.min(...known.keys()) : 0;
  const fresh = messages.filter((message) => !known.has(message.id) && !removed.has(message.id) && message.id > oldest);
  for (const message of messages) if (known.has(message.id) || fresh.includes(message) || !known.size) keep(message);
  for (const id of gone) withdraw(id);
  seq = Math.max(seq, now ?? 0);
  const heard = fresh.filter((message) => message.from === "bot");
  if (messages.some((message) => message.from === "bot") || gone.length) answered();
  draw();
  for (const message of heard.slice(-MOST_HEARD)) hear(message);
  if (heard.length) arrive(nodes.get(heard[0].id)?.node, heard.length);
}

function keep(message) {
  if (removed.has(message.id) || known.get(message.id)?.seq > message.seq) return;
  if (message.protected) {
    message.until = Math.min(known.get(message.id)?.until ?? Infinity, Date.now() + PROTECTED - Math.max(0, serverNow() - Date.parse(message.date)));
    // What was taken off the screen isn't shown again because its buttons changed.
    if (withdrawn.has(message.id) || message.until <= Date.now()) Object.assign(message, dropped(message));
  }
  known.set(message.id, message);
}

const dropped = (message) => ({ text: "", html: "", media: null, buttons: [], withdrawn: true, protected: true, id: message.id });

// What a protected message said leaves this page's memory, and the line says so.
function withdraw(id) {
  removed.add(id);
  const message = known.get(id);
  if (message?.protected && !message.withdrawn) drop(message);
  else if (!message?.withdrawn) { known.delete(id); nodes.delete(id); }
}

function drop(message) {
  withdrawn.add(message.id);
  known.set(message.id, { ...message, ...dropped(message), seq: message.seq });
  nodes.delete(message.id);
  if ($("picture").open) $("picture").close();
}

function dropOld() {
  const over = [...known.values()].filter((message) => message.protected && !message.withdrawn && message.until <= Date.now());
  for (const message of over) drop(message);
  if (over.length) draw();
  clearTimeout(timer);
  const next = Math.min(...[...known.values()].filter((message) => message.protected && !message.withdrawn).map((message) => message.until));
  if (next < Infinity) timer = setTimeout(dropOld, Math.max(0, next - Date.now()));
}

function hear(message) {
  announce(say("bot_says") + (message.protected ? say("secret_came") : message.text || about(message)));
  if (!document.hidden) return;
  arrived += 1;
  document.title = `(${arrived}) ${say("title")}`;
}

export function note(text) {
  answered();
  if (text) toast(text);
  draw();
}

// ── History ────────────────────────────────────────────────────────────────────────────────────
async function loadOlder() {
  if (loading || !more || !known.size) return;
  loading = true;
  const here = visit;
  try {
    const answer = await api(`/api/messages?before=${Math.min(...known.keys())}&limit=${PAGE}`);
    if (here !== visit) return;
    const fromEnd = $("messages").scrollHeight - $("messages").scrollTop;
    more = answer.more;
    for (const message of answer.messages) keep(message);
    draw();
    $("messages").scrollTo({ top: $("messages").scrollHeight - fromEnd, behavior: "instant" });
  } catch (failure) {
    if (failure.code !== "offline") throw failure;
  } finally {
    loading = false;
  }
}
watchPlace(loadOlder);
$("older").onclick = async () => { await loadOlder(); if ($("older").hidden) $("messages").focus(); };

// ── Drawing ────────────────────────────────────────────────────────────────────────────────────
function draw() {
  if (shownScreen() !== "chat" && shownScreen() !== "account") return;
  const focus = focused();
  const wanted = [];
  let date = "";
  for (const message of [...known.values()].sort((a, b) => a.id - b.id)) {
    // What is being sent is drawn once, as waiting, until its answer has come.
    if (message.from === "me" && message.id > held) continue;
    if (day(message.date) !== date) wanted.push(make("li", { className: "day", textContent: date = day(message.date) }));
    wanted.push(nodeOf(message));
  }
  for (const item of outbox.unsent()) wanted.push(waiting(item, { again: outbox.again, drop: outbox.drop, rewrite }));
  if (begun && !known.size && !wanted.length) wanted.push(first());
  put($("messages"), wanted);
  $("older").hidden = !more;
  if (isPinned()) toEnd();
  const all = controls();
  const below = last(all.filter((one) => one.matches(".rows button")))?.closest("li");
  const newest = all.find((one) => one.matches(".rows button") && one.closest("li") === below);
  if (focus) refocus(focus);
  if (!controls().includes(document.activeElement)) rove(newest ?? last(all));
  dropOldLater();
}

let watching = false;
function dropOldLater() {
  if (watching) return;
  watching = true;
  queueMicrotask(() => { watching = false; dropOld(); });
}

function nodeOf(message) {
  const answered = known.get(message.reply_to);
  const version = `${message.seq} ${Boolean(message.withdrawn)} ${answered?.seq}`;
  let drawn = nodes.get(message.id);
  if (drawn?.version !== version) {
    const node = message.withdrawn ? make("li", { className: "gone", textContent: say("secret_gone") })
      : bubble(message, answered, message.until, { press, more: offer });
    nodes.set(message.id, drawn = { version, node });
  }
  mark(message.id, drawn.node);
  return drawn.node;
}

const first = () => make("li", { className: "start" }, make("p", { textContent: me.bot.about || say("no_about") }),
  button(say("start"), () => outbox.sayText("/start"), "primary"));

// Only what changed is touched: what is looked at stays where it is.
function put(list, wanted) {
  wanted.forEach((node, place) => { if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null); });
  while (list.children.length > wanted.length) list.lastChild.remove();
}

// ── What is pressed ────────────────────────────────────────────────────────────────────────────
function press(message, its, node) {
  if (its.copies) return copy(its.copies);
  if (its.link) return follow(its.link);
  if (its.says) { outbox.sayText(its.says); return toEnd(); }
  rove(node);
  // Safari doesn't by itself.
  node.focus({ preventScroll: true });
  stored.delete(message.id);
  followsPress();
  outbox.press(message.id, its.data, its.text);
}

// A press is pale while it is on its way; one that is stored and not answered says so after a while.
function mark(id, node) {
  const item = outbox.pressOf(id);
  for (const one of node.querySelectorAll(".rows button")) {
    if (item && one.dataset.data === item.data) one.setAttribute("aria-busy", "true"); else one.removeAttribute("aria-busy");
  }
  const text = item && item.state !== "sending" ? say("press_waits") : stored.get(id)?.late ? say("pressed", { text: stored.get(id).label }) : "";
  let line = node.querySelector(".press_line");
  if (!text) return void line?.remove();
  if (!line) node.append(line = make("p", { className: "press_line" }));
  line.textContent = text;
}

document.addEventListener("stored", ({ detail: { item } }) => {
  if (item.kind !== "press") return;
  const its = { label: item.label, late: false };
  stored.set(item.message, its);
  setTimeout(() => {
    if (stored.get(item.message) !== its) return;
    its.late = true;
    announce(say("pressed", { text: its.label }));
    draw();
  }, SOON);
});

function answered() { stored.clear(); }

document.addEventListener("outbox", () => {
  held = !outbox.sendingText() ? Infinity : Math.min(held, Math.max(0, ...known.keys()));
  draw();
});

// What wasn't taken goes back to where it was written.
function rewrite(item) {
  outbox.drop(item);
  startWith(item.text);
}

// What can be done with a message.
function offer(message) {
  const choices = [[say("answer"), () => startAnswer(message)]];
  if (message.text && !message.protected) choices.push([say("copy"), () => copy(message.text)]);
  if (message.from === "me" && message.text && !message.media) choices.push([say("edit"), () => startEdit(message)]);
  choose(say("more_of"), choices);
}

export const usual = () => [...known.values()].sort((a, b) => b.id - a.id)
  .map((message) => message.buttons?.flat().filter((its) => its.says) ?? []).find((all) => all.length) ?? [];

document.addEventListener("visibilitychange", () => {
  document.body.classList.toggle("unseen_now", document.hidden);
  if (document.hidden) return;
  arrived = 0;
  document.title = say("title");
  dropOld();
});
window.addEventListener("pageshow", dropOld);

document.addEventListener("copy", (event) => {
  const range = getSelection().rangeCount && getSelection().getRangeAt(0);
  if (!range || ![...document.querySelectorAll(".protected")].some((node) => range.intersectsNode(node))) return;
  event.preventDefault();
  toast(say("secret_no_copy"));
});
