// Keeps the chat in step with the server: by a web socket, and by asking where there is none.
import { catchUp, note, take } from "/chat.js";
import { drain } from "/outbox.js";
import { Failure } from "/server.js";
import { $, announce, say, tell, toast, why } from "/tools.js";

const SILENT = 50_000;
const ASK = 5_000;
const ASK_AWAY = 2_000;
const WAITS = [500, 1_000, 2_000, 4_000, 8_000];
// A change of the network that takes no longer isn't worth a line.
const GRACE = 1_500;

let socket = null;
let tries = 0;
let again = 0;
let asking = 0;
let silence = 0;
let since = 0;
let pings = false;
let running = false;
let inStep = false;
let reached = true;

export function start() {
  if (running) return;
  running = true;
  reached = true;
  since = Date.now();
  connect();
  ask(GRACE);
}

export function stop() {
  running = inStep = false;
  for (const timer of [again, asking, silence]) clearTimeout(timer);
  socket?.close();
  socket = null;
  $("line").hidden = true;
}

function connect() {
  clearTimeout(again);
  if (!running || socket) return;
  const its = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/changes`);
  socket = its;
  its.onopen = async () => {
    listen(its);
    try {
      // What came between the last look and this connection.
      await catchUp();
    } catch (failure) {
      return told(failure, its);
    }
    if (socket !== its) return;
    const waited = early;
    early = null;
    tries = 0;
    inStep = reached = true;
    waited.forEach(hear);
    showLine();
    drain();
  };
  // Until it is known who is signed in now, nothing that comes is shown.
  let early = [];
  its.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (early) early.push(frame); else hear(frame);
    listen(its);
  };
  its.onclose = () => away(its);
}

function told(failure, its) {
  if (!(failure instanceof Failure)) throw failure;
  its.close();
}

function hear(frame) {
  if (frame.kind === "ping") pings = true;
  else if (frame.kind === "message") take([frame.message], [], frame.seq ?? frame.message.seq);
  else if (frame.kind === "removed") take([], [frame.id], frame.seq);
  else if (frame.kind === "note") note(frame.text);
  else if (frame.kind === "signed_out") document.dispatchEvent(new Event("ended"));
  else if (frame.kind === "pushed_out") document.dispatchEvent(new Event("pushed_out"));
}

// A connection that died without a word says nothing any more, not even that it is there.
function listen(its) {
  clearTimeout(silence);
  if (pings) silence = setTimeout(() => giveUp(its), SILENT);
}

// Without a network its end may take minutes to be told.
function giveUp(its) {
  its.close();
  away(its);
}

function away(its) {
  if (socket !== its) return;
  socket = null;
  clearTimeout(silence);
  if (!running) return;
  if (inStep) since = Date.now();
  inStep = false;
  again = setTimeout(connect, WAITS[Math.min(tries++, WAITS.length - 1)]);
  setTimeout(showLine, GRACE);
  ask(GRACE);
}

// Without a socket the page asks; whether that works as well decides what the line says.
function ask(after) {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    if (!running || inStep) return;
    try {
      await catchUp();
      // Back after having been away: the socket needn't wait for its turn.
      if (!reached) now();
      reached = true;
      drain();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      reached = false;
    }
    if (!running) return;
    showLine();
    ask(reached ? ASK : ASK_AWAY);
  }, after);
}

function showLine() {
  if (!running) return;
  const text = inStep || Date.now() - since < GRACE ? "" : !navigator.onLine ? say("line_device") : reached ? say("line_socket") : say("line_server");
  if (text && $("line").textContent !== text) announce(text);
  $("line").hidden = !text;
  tell($("line"), text);
}

function now() {
  if (!running) return;
  showLine();
  if (socket) return;
  tries = 0;
  connect();
}
window.addEventListener("online", now);
window.addEventListener("offline", () => { if (running && socket) giveUp(socket); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });

// What nobody expected is said too, and nothing goes on half done.
window.addEventListener("unhandledrejection", ({ reason }) => { if (reason instanceof Failure) toast(why(reason)); });
