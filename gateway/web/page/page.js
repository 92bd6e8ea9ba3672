// Begins the page and leads from screen to screen: who is signed in decides.
import { forgetAccount, openAccount } from "/account.js";
import { start, stop } from "/changes.js";
import { forget, loadNewest } from "/chat.js";
import { attached, forgetDraft, leaveField, recallDraft } from "/compose.js";
import { hasToken, onEntered, showInvited, showJoin, showSignIn, tokenFromAddress } from "/enter.js";
import { drain, forgetAll, forgetMemory, keptCount, recall, unsent, unsentFiles } from "/outbox.js";
import { toEnd } from "/place.js";
import { Failure, api, loadMe, me } from "/server.js";
import { $, label, quiet, say, show, shownScreen, sure, tell, toast, why } from "/tools.js";

const AGAIN = 4_000;
let again = 0;
let opening = false;
let leaving = false;

let invited = tokenFromAddress();
label();
onEntered(enter);
keepShell();
open();

// Without it the page works as well; only with no network at all it isn't there.
function keepShell() {
  const path = "/service-worker.js";
  const address = window.trustedTypes?.createPolicy("shell", { createScriptURL: () => path }).createScriptURL(path) ?? path;
  navigator.serviceWorker?.register(address).catch(() => {});
}

// Who is it? Without an answer the page says that it can't know.
async function open() {
  clearTimeout(again);
  if (opening) return;
  opening = true;
  try {
    await loadMe();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (failure.code === "signed_out") return invited ? showJoin() : showSignIn();
    return away();
  } finally {
    opening = false;
  }
  if (hasToken()) return showInvited();
  if (invited) toast(say("another_link"));
  await enter(false);
}

function away() {
  show("away");
  tell($("away_why"), say(navigator.onLine ? "away_server" : "away_device"));
  again = setTimeout(open, AGAIN);
}
$("again").onclick = open;
window.addEventListener("online", () => { if (shownScreen() === "away") open(); });

async function enter(fresh = true) {
  invited = false;
  if (fresh) await loadMe();
  show("chat");
  $("title").textContent = me.bot.name || say("title");
  $("me").textContent = say("signed_in_as", { name: me.name });
  $("text").placeholder = say("write");
  $("text").setAttribute("aria-label", say("write"));
  recallDraft();
  try {
    await loadNewest();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (failure.code === "signed_out") return;
  }
  recall();
  start();
  if (matchMedia("(hover: hover)").matches) $("text").focus({ preventScroll: true });
}

// ── Leaving ────────────────────────────────────────────────────────────────────────────────────
function leaveScreen() {
  stop();
  forget();
  forgetAccount();
  leaveField();
  quiet();
  Object.assign(me, { csrf: "", commands: [] });
}

// Ended elsewhere, or too long unused: what was said goes from this page, what wasn't sent may stay.
document.addEventListener("ended", () => {
  if (leaving || !["chat", "account", "invited", "elsewhere"].includes(shownScreen())) return;
  const name = me.name;
  leaveScreen();
  forgetMemory();
  history.replaceState(null, "", "/");
  const kept = keptCount();
  showSignIn(say("ended") + (kept ? say("ended_unsent", { n: kept }) : ""), name);
});

// Too many pages are open. Back by itself, this one would push out another: the person decides where.
document.addEventListener("pushed_out", () => {
  if (!["chat", "account"].includes(shownScreen())) return;
  stop();
  forget();
  quiet();
  show("elsewhere");
  $("elsewhere_title").focus();
});
$("elsewhere_here").onclick = open;

document.addEventListener("leave", async ({ detail: { joins } }) => {
  const waiting = unsent().length;
  if (waiting && !(await sure(say("sure_unsent", { n: waiting }), say("sure_out"), say("stay")))) return;
  leaving = true;
  try {
    await api("/api/sign-out", { method: "POST" });
  } catch (failure) {
    if (failure.code !== "signed_out") return toast(say("not_out", { why: why(failure) }));
  } finally {
    leaving = false;
  }
  leaveScreen();
  forgetAll();
  forgetDraft();
  me.name = "";
  history.replaceState(null, "", "/");
  invited = joins;
  if (joins) showJoin(); else showSignIn(say("signed_out"));
});

// A file that hasn't gone can't be kept by the page: the browser asks before it closes.
window.addEventListener("beforeunload", (event) => { if (unsentFiles() || attached()) event.preventDefault(); });

// ── The way back, and a link opened in a page that is there ────────────────────────────────────
window.addEventListener("popstate", ({ state }) => {
  if (state?.screen === "account" && me.csrf) openAccount();
  else if (shownScreen() === "account") { show("chat"); toEnd("instant"); $("to_account").focus(); drain(); }
});
window.addEventListener("hashchange", () => { if (tokenFromAddress()) { invited = true; stop(); open(); } });
