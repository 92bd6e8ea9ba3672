// One message as it looks: text, picture or file, its buttons, when and whether it was changed.
import { written } from "/markup.js";
import { $, button, clockTime, last, make, named, say, silent, sizeOf } from "/tools.js";

const WEEK = 7;
// A place in a calendar that stands for no day.
const BLANK = /^[\s\u2800·]*$/;
const ABOUT = 80;

// `on`: press(message, button, node), more(message). `until`: when a protected message goes, in milliseconds.
export function bubble(message, answered, until, on) {
  const box = make("div", { className: "bubble" });
  box.append(make("span", { className: "unseen", textContent: say(message.from === "me" ? "i_say" : "bot_says") }));
  if (message.protected) box.append(make("p", { className: "secret_line", textContent: say("secret", { time: clockTime(until) }) }));
  if (message.reply_to) box.append(make("p", { className: "answered", textContent: say("answers") + (answered ? about(answered) : "") }));
  if (message.media) box.append(media(message));
  if (message.html) box.append(written(message.html, message.protected));
  box.append(foot(message, on));
  const node = make("li", { className: message.from === "me" ? "me" : "bot" }, box);
  node.dataset.id = message.id;
  if (message.protected) guard(node);
  if (message.buttons?.length) {
    node.append(rows(message.buttons, (pressed, shown) => on.press(message, pressed, shown)));
    node.classList.add("wide");
  }
  return node;
}

export const about = (message) => (message.protected ? say("secret_short") : message.text?.slice(0, ABOUT)
  || say(message.media?.kind === "photo" ? "photo" : "file"));

// No promise against a photograph of the screen: only what a hand does without thinking is kept from happening.
function guard(node) {
  node.classList.add("protected");
  for (const kind of ["contextmenu", "dragstart", "selectstart"]) node.addEventListener(kind, (event) => event.preventDefault());
}

function media({ media: its, protected: secret }) {
  if (its.kind === "photo") return photo(its, secret);
  const link = make("a", { className: "file", href: its.url, download: its.name || "" },
    silent(make("span", { className: "sheet_sign", textContent: last((its.name ?? "").split(".")).slice(0, 4).toUpperCase() })),
    make("span", {}, make("b", { textContent: its.name || say("file") }), make("small", { textContent: sizeOf(its.size) })));
  return secret ? make("div", {}, link, make("p", { className: "secret_line", textContent: say("secret_file") })) : link;
}

function photo(its, secret) {
  const name = its.name || say("photo");
  const image = make("img", { alt: name, loading: "lazy", decoding: "async" });
  const shown = named(button("", () => enlarge(image, its, secret), "photo"), say("enlarge", { name }));
  shown.append(image);
  image.onerror = () => { shown.replaceWith(make("p", { className: "answered", textContent: say("no_picture") })); };
  image.src = its.url;
  return shown;
}

function enlarge(image, its, secret) {
  const box = $("picture");
  Object.assign(box.querySelector("img"), { src: image.src, alt: image.alt });
  Object.assign(box.querySelector("a"), { href: its.url, hidden: Boolean(secret), download: its.name || "" });
  box.classList.toggle("protected", Boolean(secret));
  box.showModal();
}
$("picture").onclick = (event) => { if (event.target.matches("dialog, img")) $("picture").close(); };
$("picture").onclose = () => $("picture").querySelector("img").removeAttribute("src");
$("picture").addEventListener("contextmenu", (event) => { if ($("picture").matches(".protected")) event.preventDefault(); });

function foot(message, on) {
  const node = make("div", { className: "foot" });
  if (message.edited) node.append(make("small", { textContent: say("edited") }));
  node.append(make("time", { dateTime: message.date, textContent: clockTime(message.date) }));
  if (message.from === "me") node.append(silent(make("span", { className: "sent", textContent: "✓" })));
  const more = named(button("⋯", () => on.more(message), "more"), say("more"));
  more.tabIndex = -1;
  node.append(more);
  return node;
}

export function rows(buttons, onpress) {
  return make("div", { className: "rows" }, ...buttons.map((row) => {
    const turns = row.some((its) => its.text.length === 1) && row.some((its) => its.text.length > 4);
    const line = make("div", { className: row.length === WEEK ? "many week" : row.length > 4 ? "many" : turns ? "turn" : row.length > 2 ? "three" : "" });
    line.append(...row.map((its) => {
      const node = button(its.text, () => onpress(its, node));
      node.tabIndex = -1;
      if (turns && its.text.length === 1) node.className = "short";
      if (its.data) node.dataset.data = its.data;
      if (BLANK.test(its.text)) Object.assign(silent(node), { className: "blank", disabled: true });
      if (its.link) node.append(sign("↗", "opens"));
      if (its.copies) node.append(sign("⧉", "copies"));
      return node;
    }));
    return line;
  }));
}

// Seen as a small sign, heard as a word.
const sign = (shown, key) => make("span", { className: "what" }, silent(make("span", { textContent: shown })),
  make("span", { className: "unseen", textContent: `（${say(key)}）` }));

// What is written and not stored yet: `item` as outbox.js has it. `on`: again, rewrite, drop.
export function waiting(item, on) {
  const box = make("div", { className: "bubble" }, make("span", { className: "unseen", textContent: say("i_say") }));
  if (item.files.length) box.append(make("p", { className: "answered", textContent: item.files.map((file) => file.name || say("photo")).join("、") }));
  if (item.text) box.append(make("span", { className: "text", textContent: item.text }));
  box.append(make("p", { className: "state", textContent: stateOf(item) }));
  if (item.state === "failed" || item.state === "stale")
    box.append(make("div", { className: "choices" }, button(say("send_again"), () => on.again(item), "primary"),
      ...(item.files.length ? [] : [button(say("rewrite"), () => on.rewrite(item))]), button(say("drop"), () => on.drop(item))));
  return make("li", { className: `me pending ${item.state}` }, box);
}

function stateOf(item) {
  if (item.state === "failed") return say("failed", { why: item.why });
  if (item.state === "stale") return say("stale");
  if (item.state === "sending") return item.part === undefined || item.part > 99 ? say("sending") : say("sending_part", { n: item.part });
  return say("waiting");
}
