// What the bot wrote, as elements: built one by one from the few tags it may use, so that nothing
// it says is ever read as the page's own.
import { addressOf, copy, follow, last, make, named, say } from "/tools.js";

const TAGS = {
  b: "b", strong: "b", i: "i", em: "i", u: "u", ins: "u", s: "s", strike: "s", del: "s", code: "code", pre: "pre", a: "a",
  blockquote: "blockquote", "tg-spoiler": "span",
};
const PIECE = /<(\/?)([a-z-]+)([^<>]*)>|&(#x?[0-9a-f]+|\w+);|[^<&]+|[<&]/gi;
const NAMED = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const HREF = /\bhref="([^"]*)"/;
const ADDRESS = /https?:\/\/[^\s<>"'，。；：！？、（）《》「」]+/g;

function character(name) {
  if (!name.startsWith("#")) return NAMED[name] ?? `&${name};`;
  const number = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  return number > 0 && number <= 0x10ffff ? String.fromCodePoint(number) : "";
}

const unescaped = (text) => text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (_, name) => character(name));

// `secret`: nothing in it can be copied.
export function written(html, secret = false) {
  const root = make("span", { className: "text" });
  const open = [root];
  let text = "";
  const flush = () => { if (text) last(open).append(...linked(text, open)); text = ""; };
  for (const [piece, closing, tag, attributes, name] of html.matchAll(PIECE)) {
    const known = tag && TAGS[tag.toLowerCase()];
    if (name) text += character(name);
    else if (!known) text += piece;
    else {
      flush();
      if (!closing) { const node = element(tag.toLowerCase(), known, attributes); last(open).append(node); open.push(node); }
      else if (open.length > 1) { const node = open.pop(); if (!secret) copied(node); }
    }
  }
  flush();
  return root;
}

function element(tag, known, attributes) {
  if (tag === "a") return anchor(unescaped(HREF.exec(attributes)?.[1] ?? ""));
  const node = make(known);
  if (tag === "tg-spoiler") {
    Object.assign(node, { className: "hidden", tabIndex: 0, role: "button" });
    named(node, say("spoiler"));
    const uncover = () => { node.className = ""; node.removeAttribute("role"); node.removeAttribute("aria-label"); node.removeAttribute("tabindex"); };
    pressed(node, uncover);
  }
  return node;
}

// A press by hand or by key.
function pressed(node, act) {
  node.onclick = act;
  node.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); act(); } };
}

function anchor(address) {
  const url = addressOf(address);
  if (!url) return make("span");
  return make("a", { href: url.href, rel: "noopener noreferrer", onclick: (event) => { event.preventDefault(); follow(url.href); } });
}

function copied(node) {
  if (node.tagName !== "CODE" && node.tagName !== "PRE") return;
  Object.assign(node, { tabIndex: 0, role: "button" });
  named(node, say("copy_code", { text: node.textContent }));
  pressed(node, () => copy(node.textContent));
}

// An address written out is a link, as in any messenger.
function linked(text, open) {
  if (open.some((node) => ["A", "CODE", "PRE"].includes(node.tagName))) return [text];
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const node = anchor(found[0]);
    node.textContent = found[0];
    parts.push(text.slice(end, found.index), node);
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}
