// What every part of the page uses: what is shown now, the server, and making elements.
import { words } from "/words.js";

export const ZONE = "Asia/Shanghai";
export const state = { people: [], person: null, bot: null, seq: -1, read: 0, lang: "zh" };
export const $ = (id) => document.getElementById(id);
export const say = (key) => words[state.lang][key];
export const locale = () => (state.lang === "en" ? "en" : "zh-CN");
export const narrow = () => matchMedia("(max-width: 700px)").matches;
export const person = () => state.people.find((one) => one.id === state.person);
export const chat = () => person()?.chats.find((one) => one.bot === state.bot);

export async function api(path, body) {
  const form = body instanceof FormData;
  const answer = await fetch(path, body && {
    method: "POST", body: form ? body : JSON.stringify(body),
    headers: form ? {} : { "Content-Type": "application/json" },
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer.json();
}

export function make(tag, attributes = {}, ...children) {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...children);
  return node;
}

export function named(node, key) {
  node.setAttribute("aria-label", say(key));
  if (node.matches("button")) node.title = say(key);
}

let timer = 0;
export function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

export function alert(text) {
  $("alert").querySelector("p").textContent = text;
  $("alert").querySelector("button").textContent = say("ok");
  if (!$("alert").open) $("alert").showModal();
}

export const day = (date) => new Date(date).toLocaleDateString(locale(), { month: "long", day: "numeric", timeZone: ZONE });
export const clockTime = (date) =>
  new Date(date).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: ZONE });

const FACES = ["#c0504d", "#3f78b5", "#5f7f2f", "#7a5c99", "#b06a24", "#2c7f88"];
export function face(node, one) {
  node.textContent = [...one.first_name.trim().split(" ").at(-1)][0];
  node.style.background = FACES[Math.max(0, state.people.indexOf(one)) % FACES.length];
  return node;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    toast(say("copy_by_hand") + text);
  }
}
