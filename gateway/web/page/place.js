// Where one is in the chat: at its end, which stays in view, or somewhere above it.
import { $, say } from "/tools.js";

const NEAR_TOP = 300;
const NEAR_END = 140;
// Whoever pressed something wants to see what comes of it, wherever they are.
const FOLLOWS = 10_000;

let pinned = true;
let top = 0;
let unread = 0;
let pressedAt = -Infinity;

export const isPinned = () => pinned;
export const followsPress = () => { pressedAt = Date.now(); };
const distance = () => $("messages").scrollHeight - $("messages").scrollTop - $("messages").clientHeight;

export function toEnd(behavior = "auto") {
  pinned = true;
  $("messages").scrollTo({ top: $("messages").scrollHeight, behavior });
  tellNew();
}

// `first` of `many` new messages: what is longer than the screen is read from its beginning.
export function arrive(first, many, behavior) {
  if (!pinned && Date.now() - pressedAt > FOLLOWS) {
    unread += many;
    return tellNew();
  }
  pressedAt = -Infinity;
  const list = $("messages");
  if (!first?.isConnected || list.scrollHeight - first.offsetTop <= list.clientHeight) return toEnd(behavior);
  pinned = false;
  list.scrollTo({ top: first.offsetTop - 8, behavior });
  tellNew();
}

function tellNew() {
  if (pinned) unread = 0;
  $("newest").hidden = pinned;
  $("newest").textContent = unread ? say("newest_count", { n: unread }) : say("newest");
}

// `nearTop`: what is done where older messages come into sight.
export function watchPlace(nearTop) {
  $("messages").onscroll = () => {
    // On the way down to the end nobody has left it.
    if (distance() < NEAR_END) pinned = true; else if ($("messages").scrollTop < top) pinned = false;
    top = $("messages").scrollTop;
    tellNew();
    if (top < NEAR_TOP) nearTop();
  };
}

$("newest").onclick = () => { toEnd(); $("text").focus({ preventScroll: true }); };
// A picture that arrives late, a keyboard or a line that takes room: the end stays in view.
const stay = () => { if (pinned) toEnd("instant"); };
$("messages").addEventListener("load", stay, true);
new ResizeObserver(stay).observe($("messages"));
