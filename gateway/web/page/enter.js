// Joining by an invitation, signing in, and an invitation opened by somebody who is signed in.
import { sayText } from "/outbox.js";
import { api, me } from "/server.js";
import { $, objects, say, show, tell, why } from "/tools.js";

// In memory alone: an invitation is worth an account.
let token = "";
let then = null;
let sending = false;

// `entered`: what goes on when somebody is signed in.
export const onEntered = (entered) => { then = entered; };

// The token must not stay in the address, in the history or on a screen that is shown to others.
export function tokenFromAddress() {
  const found = /^#join=(.*)$/.exec(location.hash);
  history.replaceState(null, "", "/");
  if (!found) return false;
  token = found[1];
  return true;
}

// An address cut short on its way is known before anything is filled in.
export const hasToken = () => /^[\w-]{24}$/.test(token);

export function showJoin() {
  if (hasToken()) prepare(true, say("join_why")); else showSignIn(say("another_link"));
}

export function showSignIn(reason = say("sign_in_why"), name = "") {
  token = "";
  prepare(false, reason);
  if (name) { $("name").value = name; $("passphrase").focus(); }
}

function prepare(joins, reason) {
  show("enter");
  $("credentials").reset();
  $("enter_title").textContent = say(joins ? "join_title" : "sign_in_title");
  tell($("enter_why"), reason);
  $("enter_send").textContent = say(joins ? "join_send" : "sign_in_send");
  $("passphrase").autocomplete = joins ? "new-password" : "current-password";
  for (const node of [$("name_about"), $("passphrase_about"), $("repeated"), document.querySelector("[for=repeated]")]) node.hidden = !joins;
  $("repeated").required = joins;
  $("forgotten").hidden = joins;
  wrong("");
  reveal($("credentials"), false);
  $("enter_title").focus();
}

export function reveal(form, open) {
  for (const field of form.querySelectorAll("input:not([type=checkbox], [name=username], .unseen)")) field.type = open ? "text" : "password";
}
$("show").onchange = () => reveal($("credentials"), $("show").checked);

const wrong = (text) => objects($("enter_wrong"), text);

$("credentials").onsubmit = async (event) => {
  event.preventDefault();
  if (sending) return;
  const name = $("name").value.trim(), passphrase = $("passphrase").value;
  if (token && passphrase !== $("repeated").value) { wrong(say("not_same")); return $("repeated").focus(); }
  sending = true;
  wrong("");
  $("enter_send").textContent = say("entering");
  try {
    if (token) await api("/api/join", { method: "POST", body: { token, name, passphrase } });
    else await api("/api/sign-in", { method: "POST", body: { name, passphrase } });
    token = "";
    $("credentials").reset();
    await then();
  } catch (failure) {
    wrong(why(failure));
  } finally {
    sending = false;
    $("enter_send").textContent = say(token ? "join_send" : "sign_in_send");
  }
};

// ── Signed in, with an invitation in hand ──────────────────────────────────────────────────────
export function showInvited() {
  show("invited");
  $("invited_title").textContent = say("invited_title", { name: me.name });
  $("invited_title").focus();
}
$("invited_back").onclick = () => { token = ""; then(); };
$("invited_me").onclick = async () => {
  const text = say("join_says", { token });
  token = "";
  await then();
  sayText(text);
};
$("invited_other").onclick = () => document.dispatchEvent(new CustomEvent("leave", { detail: { joins: true } }));
