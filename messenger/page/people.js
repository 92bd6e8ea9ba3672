// Who is here, with what each hasn't read; and who opens a link to a bot.
import { $, api, chat, clockTime, face, make, named, narrow, person, say, state, toast } from "/tools.js";
import { forget, refresh, send } from "/chat.js";
import { asksLanguage } from "/compose.js";

export async function loadPeople() {
  state.people = await api("/api/people");
  const code = (person() ?? state.people[0])?.language_code ?? "zh";
  state.lang = code.startsWith("en") ? "en" : "zh";
  const focused = document.activeElement?.dataset?.chat;
  $("people").replaceChildren(...state.people.flatMap((one) => one.chats.map((its) => row(one, its))));
  const rows = [...$("people").children];
  (rows.find((one) => one.ariaCurrent === "true") ?? rows[0]).tabIndex = 0;
  rows.find((one) => one.dataset.chat === focused)?.focus();
  label();
}

function row(one, its) {
  const current = one.id === state.person && its.bot === state.bot;
  const unread = current && seen() ? 0 : its.unread;
  const last = its.last ? its.last.text.replaceAll("\n", " ") || say(its.last.media === "photo" ? "photo" : "file") : its.title;
  const button = make("button", { type: "button", tabIndex: -1, ariaCurrent: String(current), onclick: () => open(one.id, its.bot) },
    face(make("span", { className: "face", ariaHidden: "true" }), one),
    make("span", { className: "name" }, make("b", { textContent: one.first_name }),
      make("small", { className: "bot", textContent: its.last ? its.title : "" }), make("small", { className: "last", textContent: last })),
    make("span", { className: "side" }, make("small", { textContent: its.last ? clockTime(its.last.date) : "" })));
  button.dataset.chat = `${one.id}/${its.bot}`;
  if (unread) {
    const mark = make("span", { className: "unread", textContent: unread });
    mark.setAttribute("aria-label", `${unread} ${say("unread_count")}`);
    button.lastChild.append(mark);
  }
  return button;
}

export const seen = () => document.visibilityState === "visible" && document.body.classList.contains("chatting");

$("people").onkeydown = (event) => {
  const rows = [...$("people").children];
  const place = rows.indexOf(document.activeElement);
  const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined) return;
  rows.at(to % rows.length).focus();
  event.preventDefault();
};

export async function open(id, bot) {
  Object.assign(state, { person: id, bot, seq: -1 });
  forget();
  document.body.classList.add("chatting");
  history.replaceState(null, "", `#${id}/${bot}`);
  await refresh();
  await loadPeople();
  if (!narrow()) $("text").focus({ preventScroll: true });
}

export function close() {
  const was = `${state.person}/${state.bot}`;
  document.body.classList.remove("chatting");
  Object.assign(state, { person: null, bot: null });
  history.replaceState(null, "", "#");
  forget();
  return loadPeople().then(() => document.querySelector(`[data-chat="${was}"]`)?.focus());
}
$("back").onclick = close;

function label() {
  const one = person(), its = chat();
  document.documentElement.lang = state.lang === "en" ? "en" : "zh-CN";
  for (const node of document.querySelectorAll("[data-say]")) named(node, node.dataset.say);
  $("title").textContent = one ? one.first_name : "引路";
  $("subtitle").textContent = its ? `${its.title} @${its.username}` : say("choose");
  $("face").hidden = !one;
  if (one) face($("face"), one);
  $("empty").textContent = say("choose_long");
  $("language").textContent = say(narrow() ? "language_short" : "language");
  named($("language"), "language_long");
  $("text").placeholder = say("write");
  $("text").setAttribute("aria-label", say("write"));
  $("keys").textContent = say("keys");
  $("guest").textContent = say("guest");
  $("offline").textContent = say("offline");
  const waiting = state.people.flatMap((other) => other.chats).reduce((sum, other) => sum + other.unread, 0);
  document.title = waiting ? `(${waiting}) 引路` : "引路";
}

// One person at this page plays everybody: the language is everybody's. A bot that keeps a setting of
// its own is asked for it.
$("language").onclick = async () => {
  const code = state.lang === "en" ? "zh-hans" : "en";
  for (const one of state.people) await api(`/api/people/${one.id}`, { language_code: code });
  await loadPeople();
  state.seq = -1;
  forget();
  await refresh();
  document.dispatchEvent(new Event("language"));
  toast(say("language_now"));
  if (state.person && asksLanguage()) await send("/language");
};

async function guest() {
  const count = state.people.filter((one) => one.id.startsWith("guest")).length + 1;
  const id = `guest${count}`;
  await api(`/api/people/${id}`, { first_name: `${say("guest_name")} ${count}`, language_code: state.lang === "en" ? "en" : "zh-hans" });
  await loadPeople();
  return id;
}
$("guest").onclick = async () => { const id = await guest(); await open(id, person()?.chats[0]?.bot ?? "staff"); };

// A link to a bot of this messenger opens its chat, as in Telegram; an invitation is for somebody else,
// so the page asks who opens it.
export async function follow(event, address) {
  event?.preventDefault();
  const url = new URL(address, location.href);
  const name = url.pathname.slice(1);
  const all = state.people.flatMap((one) => one.chats.map((its) => ({ one, its }))).filter(({ its }) => its.username === name);
  if (url.hostname !== "t.me" || !all.length) return void window.open(address, "_blank", "noopener");
  const payload = url.searchParams.get("start");
  const own = all.find(({ one }) => one.id === state.person);
  if (own && !payload) return open(own.one.id, own.its.bot);
  const by = await whoOpens(all, own ?? all[0]);
  if (!by) return;
  const id = by === "guest" ? await guest() : by;
  await open(id, all[0].its.bot);
  await send(payload ? `/start ${payload}` : "/start");
}

function whoOpens(all, first) {
  const box = $("choose");
  box.querySelector("h2").textContent = say("who_opens");
  return new Promise((resolve) => {
    const choice = (text, value) => make("button", { type: "button", textContent: text, onclick: () => { box.close(); resolve(value); } });
    const sorted = [first, ...all.filter((one) => one !== first)];
    box.querySelector("div").replaceChildren(...sorted.map(({ one }) => choice(one.first_name, one.id)), choice(say("guest"), "guest"));
    box.oncancel = () => resolve(null);
    box.showModal();
  });
}
