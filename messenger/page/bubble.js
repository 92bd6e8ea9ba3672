// One message as it looks: text, picture or file, its buttons, when and whether it was changed.
import { $, clockTime, copy, make, say } from "/tools.js";

const WEEK = 7;
// A place in a calendar that stands for no day.
const BLANK = /^[\s\u2800·]*$/;

// `on`: press(message, button, node), follow(event, address), edit(message).
export function bubble(message, answered, on) {
  const box = make("div", { className: "bubble" });
  if (message.forwarded) box.append(make("small", { className: "forwarded", textContent: say("forwarded") }));
  if (answered) box.append(make("blockquote", { className: "answered", textContent: answered.text.slice(0, 120) || say("photo") }));
  if (message.media) box.append(media(message.media));
  box.append(text(message, on), foot(message, on));
  const node = make("li", { className: message.from === "me" ? "me" : "bot" }, box);
  node.dataset.id = message.id;
  if (message.album) node.classList.add("album");
  if (message.buttons.length) {
    node.append(rows(message.buttons, (button, pressed) => on.press(message, button, pressed)));
    node.classList.add("wide");
  }
  return node;
}

function media(its) {
  if (its.kind === "sticker") return make("div", { className: "sticker", textContent: "🙂" });
  if (its.kind === "photo") {
    const image = make("img", { src: its.url, alt: its.name || say("photo"), loading: "lazy" });
    return make("button", { type: "button", className: "photo", onclick: () => enlarge(its) }, image);
  }
  const size = its.size < 1024 * 1024 ? `${Math.ceil(its.size / 1024)} KB` : `${(its.size / 1024 / 1024).toFixed(1)} MB`;
  return make("a", { className: "file", href: its.url, download: its.name || "" },
    make("span", { className: "sheet", ariaHidden: "true", textContent: (its.name.split(".").at(-1) || "").slice(0, 4).toUpperCase() }),
    make("span", {}, make("b", { textContent: its.name || say("file") }), make("small", { textContent: size })));
}

export function enlarge(its) {
  const image = $("picture").querySelector("img");
  Object.assign(image, { src: its.url, alt: its.name || say("photo") });
  $("picture").showModal();
}
$("picture").onclick = () => $("picture").close();

// The server lets through only tags that it knows, without attributes but for links.
function text(message, on) {
  const node = make("span", { className: "text", innerHTML: message.html });
  for (const link of node.querySelectorAll("a")) {
    const address = link.getAttribute("href");
    if (address) link.onclick = (event) => on.follow(event, address);
  }
  for (const code of node.querySelectorAll("code, pre")) code.onclick = () => copy(code.textContent);
  for (const hidden of node.querySelectorAll("tg-spoiler")) hidden.onclick = () => hidden.classList.add("seen");
  return node;
}

function foot(message, on) {
  const time = make("time", { dateTime: message.date, textContent: clockTime(message.date) });
  const node = make("span", { className: "foot" });
  if (message.from === "me" && message.text && !message.media) {
    const edit = make("button", { type: "button", className: "edit", textContent: "✎", onclick: () => on.edit(message) });
    edit.setAttribute("aria-label", say("edit"));
    node.append(edit);
  }
  if (message.edited) node.append(make("small", { textContent: say("edited") }));
  node.append(time);
  if (message.from === "me") node.append(make("span", { className: "sent", ariaHidden: "true", textContent: "✓" }));
  return node;
}

export function rows(buttons, onpress) {
  return make("div", { className: "rows" }, ...buttons.map((row) => make("div", { className: row.length === WEEK ? "many week" : row.length > 4 ? "many" : "" },
    ...row.map((button) => {
      const node = make("button", { type: "button", tabIndex: -1, textContent: button.text });
      if (BLANK.test(button.text)) node.classList.add("blank");
      if (button.url) node.classList.add("link");
      if (button.copy_text) node.classList.add("copy");
      node.onclick = () => onpress(button, node);
      return node;
    }))));
}
