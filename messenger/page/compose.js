// The field one writes in: text, commands, files with a look at them before they go, an earlier message.
import { send, toButtons } from "/chat.js";
import { $, api, make, say, state, toast } from "/tools.js";

const LARGEST = 20 * 1024 * 1024;
const MOST = 10;
let files = [];
let edited = null;
let known = [];

$("compose").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim() && !files.length) return;
  if (await (files.length ? sendFiles(text) : edited ? sendEdit(text) : send(text))) reset();
};

function reset() {
  $("text").value = "";
  grow();
  for (const one of files) URL.revokeObjectURL(one.url);
  files = [];
  edited = null;
  drawFiles();
  $("editing").hidden = $("commands").hidden = true;
}

async function attempt(body) {
  try {
    await api(`/api/people/${state.person}/messages`, body);
    return true;
  } catch {
    toast(say("failed"));
    return false;
  }
}

const sendEdit = (text) => attempt({ bot: state.bot, text, edit: edited });

function sendFiles(text) {
  const form = new FormData();
  form.set("bot", state.bot);
  form.set("text", text);
  for (const { file } of files) form.append("file", file);
  return attempt(form);
}

// ── Files ──────────────────────────────────────────────────────────────────────────────────────
function add(chosen) {
  for (const file of chosen) {
    if (files.length >= MOST) { toast(say("too_many")); break; }
    if (file.size > LARGEST) toast(say("too_large"));
    else files.push({ file, url: URL.createObjectURL(file) });
  }
  drawFiles();
  $("text").focus();
}

function drawFiles() {
  $("files").hidden = !files.length;
  $("files").replaceChildren(...files.map((one) => {
    const look = one.file.type.startsWith("image/") ? make("img", { src: one.url, alt: one.file.name })
      : make("span", { className: "sheet", textContent: one.file.name });
    const remove = make("button", { type: "button", textContent: "✕", onclick: () => {
      URL.revokeObjectURL(one.url);
      files = files.filter((other) => other !== one);
      drawFiles();
    } });
    remove.setAttribute("aria-label", `${say("remove")} ${one.file.name}`);
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
    if (kind === "drop" && state.person && event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  });

// ── An earlier message ─────────────────────────────────────────────────────────────────────────
export function startEdit(message) {
  edited = message.id;
  $("editing").hidden = false;
  $("editing").firstChild.textContent = say("editing") + message.text.slice(0, 60);
  $("text").value = message.text;
  grow();
  $("text").focus();
}
$("editing").querySelector("button").onclick = () => { reset(); $("text").focus(); };

// ── Commands ───────────────────────────────────────────────────────────────────────────────────
export function showCommands(commands) {
  known = commands;
  $("slash").hidden = !commands.length;
}

export const asksLanguage = () => known.some(({ command }) => command === "language");

function drawCommands(begun) {
  const fitting = known.filter(({ command }) => `/${command}`.startsWith(begun));
  $("commands").hidden = !fitting.length;
  $("slash").ariaExpanded = String(Boolean(fitting.length));
  $("commands").replaceChildren(...fitting.map(({ command, description }) =>
    make("button", { type: "button", onclick: () => { reset(); send(`/${command}`); $("text").focus(); } },
      make("b", { textContent: `/${command}` }), make("span", { textContent: description }))));
}

function hideCommands() {
  $("commands").hidden = true;
  $("slash").ariaExpanded = "false";
}

$("slash").onclick = () => {
  if (!$("commands").hidden) return hideCommands();
  drawCommands("/");
  $("commands").firstChild?.focus();
};
$("commands").onkeydown = (event) => {
  const all = [...$("commands").children], place = all.indexOf(document.activeElement);
  const to = { ArrowDown: place + 1, ArrowUp: place - 1 }[event.key];
  if (event.key === "Escape") { hideCommands(); $("text").focus(); }
  else if (to !== undefined) (all[to] ?? $("text")).focus();
  else return;
  event.preventDefault();
};

// ── Keys ───────────────────────────────────────────────────────────────────────────────────────
function grow() {
  $("text").style.height = "auto";
  $("text").style.height = `${Math.min($("text").scrollHeight, 160)}px`;
}
$("text").oninput = () => {
  grow();
  if ($("text").value.startsWith("/")) drawCommands($("text").value); else hideCommands();
};
$("text").onkeydown = (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) $("compose").requestSubmit();
  else if (event.key === "ArrowUp" && !$("commands").hidden) $("commands").lastChild.focus();
  else if (event.key === "ArrowUp" && !$("text").value) toButtons();
  else if (event.key === "Escape" && !$("commands").hidden) hideCommands();
  else if (event.key === "Escape" && (edited || files.length)) reset();
  else return;
  event.preventDefault();
};
