// The field one writes in: text, files with a look at them before they go, an answer to a message, a
// change of one's own, the menu.
import { about } from "/bubble.js";
import { usual } from "/chat.js";
import { toButtons } from "/keys.js";
import { sayText } from "/outbox.js";
import { toEnd } from "/place.js";
import { api, me } from "/server.js";
import { $, button, make, named, say, sizeOf, toast, why } from "/tools.js";

const LARGEST = 20 * 1024 * 1024;
const MOST = 10;
const DRAFT = "yinlu-draft";
const TALLEST = 180;
let files = [];
// {kind: "answer" | "edit", message}
let subject = null;
let busy = false;

export const attached = () => files.length > 0;

$("compose").onsubmit = (event) => { event.preventDefault(); submit(); };

async function submit() {
  const text = $("text").value;
  if (busy || (!text.trim() && !files.length)) return;
  if (subject?.kind === "edit") return changeIt(text);
  sayText(text, subject?.message.id ?? null, files.map((one) => one.file));
  reset();
  toEnd("instant");
}

async function changeIt(text) {
  if (!text.trim()) return;
  busy = true;
  try {
    await api(`/api/messages/${subject.message.id}`, { method: "PATCH", body: { text } });
    reset();
  } catch (failure) {
    toast(say("edit_failed", { why: why(failure) }));
  } finally {
    busy = false;
  }
}

export function reset() {
  leaveField();
  typed();
}

// Nothing of it stays in sight; the draft of this tab does, for whoever wrote it.
export function leaveField() {
  $("text").value = "";
  for (const one of files) URL.revokeObjectURL(one.url);
  files = [];
  drawFiles();
  hideMenu();
  aboutNothing();
}

// ── What is being written ──────────────────────────────────────────────────────────────────────
function typed() {
  $("text").style.height = "auto";
  $("text").style.height = `${Math.min($("text").scrollHeight, TALLEST)}px`;
  if ($("text").value && subject?.kind !== "edit") sessionStorage.setItem(DRAFT, JSON.stringify({ name: me.name, text: $("text").value }));
  else sessionStorage.removeItem(DRAFT);
}

// After signing in: what this person was writing in this tab.
export function recallDraft() {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  reset();
  if (kept?.name === me.name) { $("text").value = kept.text; typed(); }
}

export function forgetDraft() {
  reset();
  sessionStorage.removeItem(DRAFT);
}

// ── An answer, a change ────────────────────────────────────────────────────────────────────────
function begin(kind, message, text) {
  subject = { kind, message };
  $("about_text").hidden = false;
  $("about_text").firstElementChild.textContent = text;
  $("text").focus();
}

export const startAnswer = (message) => begin("answer", message, say("answering", { text: about(message) }));

export function startWith(text) {
  $("text").value = [text, $("text").value].filter(Boolean).join("\n");
  typed();
  $("text").focus();
}

export function startEdit(message) {
  begin("edit", message, say("editing", { text: about(message) }));
  $("text").value = message.text;
  typed();
}
$("about_text").querySelector("button").onclick = () => {
  if (subject?.kind === "edit") return reset(), $("text").focus();
  aboutNothing();
  $("text").focus();
};

function aboutNothing() {
  subject = null;
  $("about_text").hidden = true;
  $("about_text").firstElementChild.textContent = "";
}

// ── Files ──────────────────────────────────────────────────────────────────────────────────────
function add(chosen) {
  for (const file of chosen) {
    const name = file.name || say("photo");
    if (files.length >= MOST) { toast(say("too_many")); break; }
    if (file.size > LARGEST) toast(say("too_large", { name }));
    else if (!file.size) toast(say("empty_file", { name }));
    else files.push({ file, name, url: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" });
  }
  drawFiles();
  $("text").focus();
}

function drawFiles() {
  $("files").hidden = !files.length;
  $("files").replaceChildren(...files.map((one) => {
    const look = one.url ? make("img", { src: one.url, alt: one.name })
      : make("span", { className: "sheet_sign", textContent: `${one.name} ${sizeOf(one.file.size)}` });
    const remove = named(button("✕", () => {
      if (one.url) URL.revokeObjectURL(one.url);
      files = files.filter((other) => other !== one);
      drawFiles();
      ($("files").querySelector("button") ?? $("text")).focus();
    }), say("drop_file", { name: one.name }));
    return make("li", {}, look, remove);
  }));
}

$("attach").onclick = () => $("file").click();
$("file").onchange = () => { add([...$("file").files]); $("file").value = ""; };
$("text").onpaste = (event) => {
  if (event.clipboardData.files.length) { event.preventDefault(); add([...event.clipboardData.files]); }
};
// A file dropped beside the field must not take the page away.
for (const kind of ["dragover", "drop"])
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    if (kind === "drop" && !$("chat").hidden && event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  });

// ── Menu: what the bot offers at any time ──────────────────────────────────────────────────────
function drawMenu(begun = "/") {
  const speak = (text) => () => { reset(); sayText(text); toEnd("instant"); $("text").focus(); };
  const keys = begun === "/" ? usual().map((its) => button(its.text, speak(its.says), "usual")) : [];
  const fitting = me.commands.filter(({ command }) => `/${command}`.startsWith(begun));
  const commands = fitting.map(({ command, description }) => {
    const node = button("", speak(`/${command}`));
    node.append(make("span", { textContent: description }), make("small", { textContent: `/${command}` }));
    return node;
  });
  // The bot hasn't said yet what it offers: its first word brings it.
  const none = begun === "/" && !keys.length && !commands.length ? [button(say("start"), speak("/start"))] : [];
  $("menu").replaceChildren(...(keys.length ? [make("div", { className: "keys" }, ...keys)] : []), ...commands, ...none);
  showMenu($("menu").hasChildNodes());
}

function showMenu(open) {
  $("menu").hidden = !open;
  $("to_menu").setAttribute("aria-expanded", String(open));
}
const hideMenu = () => showMenu(false);

$("to_menu").onclick = () => {
  if (!$("menu").hidden) return hideMenu();
  drawMenu();
  $("menu").querySelector("button")?.focus();
};
$("menu").onkeydown = (event) => {
  const all = [...$("menu").querySelectorAll("button")], place = all.indexOf(document.activeElement);
  const to = { ArrowDown: place + 1, ArrowRight: place + 1, ArrowUp: place - 1, ArrowLeft: place - 1 }[event.key];
  if (event.key === "Escape") { hideMenu(); $("to_menu").focus(); }
  else if (to !== undefined) (all[to] ?? $("text")).focus();
  else return;
  event.preventDefault();
};

// ── Keys ───────────────────────────────────────────────────────────────────────────────────────
$("text").oninput = () => {
  typed();
  if ($("text").value.startsWith("/")) drawMenu($("text").value); else hideMenu();
};
$("text").onkeydown = (event) => {
  // While an input method composes, Enter takes its word; Safari says so by the number alone.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && !event.shiftKey) submit();
  else if (event.key === "ArrowUp" && !$("menu").hidden) $("menu").querySelector("button:last-of-type").focus();
  else if (event.key === "ArrowUp" && !$("text").value) toButtons();
  else if (event.key === "Escape" && !$("menu").hidden) hideMenu();
  else if (event.key === "Escape" && subject) $("about_text").querySelector("button").click();
  else return;
  event.preventDefault();
};
