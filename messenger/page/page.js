import { words } from "/words.js";

const $ = (id) => document.getElementById(id);
const faces = ["#c0504d", "#4f81bd", "#7f9f3f", "#8064a2", "#d0863c", "#3f9fa8"];
const state = { people: [], person: null, bot: null, seq: -1, shown: new Map(), toast: 0, lang: "zh" };

const say = (key) => words[state.lang][key];
const api = async (path, body, form) => {
  const answer = await fetch(path, body || form
    ? { method: "POST", body: form ?? JSON.stringify(body), headers: form ? {} : { "Content-Type": "application/json" } }
    : undefined);
  if (!answer.ok) { toast(say("sent")); throw new Error(String(answer.status)); }
  return answer.json();
};

const make = (tag, attributes = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children);
  return node;
};

let toastTimer = 0;
function toast(text, alert = false) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, alert ? 8000 : 3500);
}
$("toast").onclick = () => { $("toast").hidden = true; };

// ── People ─────────────────────────────────────────────────────────────────────────────────────
async function loadPeople() {
  state.people = await api("/api/people");
  const focused = document.activeElement?.dataset?.chat;
  $("people").replaceChildren(...state.people.flatMap((person, place) => person.chats.map((chat) => {
    const current = person.id === state.person && chat.bot === state.bot;
    const button = make("button", { onclick: () => open(person.id, chat.bot) },
      make("span", { className: "face", textContent: person.first_name.trim().split(" ").at(-1)[0] }),
      make("span", { className: "name" }, make("b", { textContent: person.first_name }),
        make("small", { textContent: chat.title })));
    button.firstChild.style.background = faces[place % faces.length];
    button.dataset.chat = `${person.id}/${chat.bot}`;
    button.setAttribute("aria-current", String(current));
    if (chat.unread && !current) button.append(make("span", { className: "unread", textContent: chat.unread }));
    return button;
  })));
  if (focused) document.querySelector(`[data-chat="${focused}"]`)?.focus();
  label();
}

$("people").onkeydown = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = [...$("people").children];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  event.preventDefault();
};

async function open(person, bot) {
  Object.assign(state, { person, bot, seq: -1, toast: Infinity });
  state.shown.clear();
  $("messages").replaceChildren();
  document.body.classList.add("chatting");
  location.hash = `${person}/${bot}`;
  await refresh();
  await loadPeople();
  $("text").focus({ preventScroll: true });
}

function label() {
  const person = state.people.find((item) => item.id === state.person);
  const chat = person?.chats.find((item) => item.bot === state.bot);
  state.lang = person?.language_code.startsWith("en") ? "en" : "zh";
  document.documentElement.lang = state.lang === "en" ? "en" : "zh-CN";
  $("title").textContent = person ? person.first_name : "引路";
  $("subtitle").textContent = chat ? `${chat.title} @${chat.username}` : say("choose");
  $("back").hidden = !document.body.classList.contains("chatting") || innerWidth > 700;
  for (const [id, key] of [["back", "back"], ["slash", "commands"], ["attach", "attach"], ["send", "send"]])
    $(id).ariaLabel = $(id).title = say(key);
  $("language").textContent = say("language");
  $("language").hidden = $("compose").hidden = !person;
  $("text").placeholder = say("write");
  $("typing").textContent = say("typing");
  for (const button of document.querySelectorAll("[data-advance]"))
    button.textContent = `+${parseInt(button.dataset.advance)}${say("days")}`;
  $("next").textContent = say("next");
}

$("back").onclick = () => {
  document.body.classList.remove("chatting");
  Object.assign(state, { person: null, bot: null });
  history.replaceState(null, "", "#");
  loadPeople();
};
$("language").onclick = async () => {
  await api(`/api/people/${state.person}`, { language_code: state.lang === "en" ? "zh-hans" : "en" });
  await loadPeople();
  await refresh();
};

// ── Chat ───────────────────────────────────────────────────────────────────────────────────────
async function refresh() {
  if (!state.person) return;
  const { person, bot } = state;
  const chat = await api(`/api/people/${person}/messages?bot=${bot}`);
  if (person !== state.person || bot !== state.bot) return;
  const list = $("messages");
  const first = state.seq < 0;
  const atEnd = first || list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  state.seq = chat.seq;
  const visible = chat.messages.filter((message) => !message.deleted);
  draw(list, visible);
  $("typing").hidden = !chat.typing;
  drawRows($("keyboard"), chat.keyboard.map((row) => row.map((text) => ({ text, onclick: () => send(text) }))));
  $("commands").replaceChildren(...chat.commands.map(({ command, description }) =>
    make("button", { type: "button", onclick: () => { $("commands").hidden = true; send(`/${command}`); } },
      make("b", { textContent: `/${command}` }), make("span", { textContent: description }))));
  $("slash").hidden = !chat.commands.length;
  const fresh = chat.toasts.filter((item) => item.seq > state.toast).at(-1);
  if (fresh) toast(fresh.text, fresh.alert);
  state.toast = Math.max(0, ...chat.toasts.map((item) => item.seq));
  if (atEnd) list.scrollTo({ top: list.scrollHeight, behavior: first ? "instant" : "auto" });
  if (visible.some((message) => message.from === "bot" && message.id > chat.read))
    await api(`/api/people/${person}`, { bot, read: true });
}

function draw(list, messages) {
  const wanted = [];
  let day = "";
  for (const message of messages) {
    const date = new Date(message.date);
    const here = date.toLocaleDateString(document.documentElement.lang, { month: "long", day: "numeric" });
    if (here !== day) wanted.push(make("li", { className: "day", textContent: here }));
    day = here;
    const known = state.shown.get(message.id);
    if (known?.seq === message.seq) { wanted.push(known.node); continue; }
    const node = bubble(message, date);
    state.shown.set(message.id, { seq: message.seq, node });
    wanted.push(node);
  }
  if (!messages.length) wanted.push(make("li", { className: "empty" },
    make("button", { textContent: say("start"), onclick: () => send("/start") })));
  list.replaceChildren(...wanted);
}

function bubble(message, date) {
  const box = make("div", { className: "bubble" });
  if (message.media?.kind === "photo") box.append(make("img", { src: message.media.url, alt: message.media.name }));
  else if (message.media) box.append(make("div", { className: "file" }, "📄",
    make("a", { href: message.media.url, download: message.media.name, textContent: message.media.name || say("file") })));
  // The server lets through only tags that it knows, without attributes but for links.
  const text = make("span", { innerHTML: message.html });
  for (const link of text.querySelectorAll("a")) link.onclick = (event) => follow(event, link.getAttribute("href"));
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  box.append(text, make("time", { textContent: message.edited ? `${say("edited")} ${time}` : time }));
  const node = make("li", { className: message.from === "me" ? "me" : "bot" }, box);
  if (message.buttons.length) {
    const rows = make("div", { className: "rows" });
    drawRows(rows, message.buttons.map((row) => row.map((button) => ({ text: button.text, onclick: () => press(message.id, button) }))));
    node.append(rows);
  }
  return node;
}

function drawRows(box, rows) {
  const signature = JSON.stringify(rows.map((row) => row.map((button) => button.text)));
  if (box.dataset.rows === signature && box.id) return;
  box.dataset.rows = signature;
  box.replaceChildren(...rows.map((row) => make("div", {},
    ...row.map(({ text, onclick }) => make("button", { type: "button", textContent: text, onclick })))));
}

async function press(id, button) {
  if (button.copy_text) {
    await navigator.clipboard.writeText(button.copy_text.text).catch(() => {});
    toast(say("copied"));
  } else if (button.url) follow(null, button.url);
  else await api(`/api/people/${state.person}/presses`, { bot: state.bot, message_id: id, data: button.callback_data });
}

// A link to a bot of this messenger opens its chat, as in Telegram.
async function follow(event, address) {
  event?.preventDefault();
  const url = new URL(address, location.href);
  const all = state.people.flatMap((person) => person.chats.map((chat) => ({ person: person.id, ...chat })));
  const name = url.pathname.slice(1);
  const found = url.hostname === "t.me" && (all.find((chat) => chat.username === name && chat.person === state.person)
    ?? all.find((chat) => chat.username === name));
  if (!found) return void toast(address);
  await open(found.person, found.bot);
  const payload = url.searchParams.get("start");
  await send(payload ? `/start ${payload}` : "/start");
}

async function send(text) {
  if (!text.trim()) return;
  await api(`/api/people/${state.person}/messages`, { bot: state.bot, text });
}

$("compose").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  await send(text);
};
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("compose").requestSubmit(); }
};
$("attach").onkeydown = (event) => { if (event.key === "Enter") $("file").click(); };
$("file").onchange = async () => {
  const form = new FormData();
  form.set("bot", state.bot);
  form.set("file", $("file").files[0]);
  $("file").value = "";
  await api(`/api/people/${state.person}/messages`, null, form);
};
$("slash").onclick = () => { $("commands").hidden = !$("commands").hidden; };

// ── Clock and changes ──────────────────────────────────────────────────────────────────────────
for (const button of document.querySelectorAll("[data-advance]"))
  button.onclick = () => api("/api/clock", { advance: button.dataset.advance });
$("next").onclick = () => api("/api/clock", { to: $("next").dataset.to });

async function showClock() {
  const clock = await api("/api/clock");
  const format = { year: "numeric", month: "numeric", day: "numeric", weekday: "short", timeZone: "Asia/Shanghai" };
  $("date").textContent = new Date(clock.now).toLocaleDateString(document.documentElement.lang, format);
  $("next").disabled = !clock.next;
  $("next").dataset.to = clock.next ?? "";
}

function listen() {
  const socket = new WebSocket(`ws://${location.host}/api/events`);
  socket.onmessage = async ({ data }) => {
    if (JSON.parse(data).seq <= state.seq) return;
    await Promise.all([refresh(), loadPeople(), showClock()]);
  };
  socket.onclose = () => setTimeout(listen, 1000);
}

await loadPeople();
const [person, bot] = location.hash.slice(1).split("/");
if (state.people.some((item) => item.id === person)) await open(person, bot);
await showClock();
listen();
