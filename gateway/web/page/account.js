// The account: where one is signed in, the passphrase, signing out, putting the page on the desktop.
import { reveal } from "/enter.js";
import { api, me } from "/server.js";
import { $, button, make, moment, named, objects, say, show, shownScreen, toast, why } from "/tools.js";

export async function openAccount() {
  show("account");
  $("account_me").textContent = say("signed_in_as", { name: me.name });
  $("change_name").value = me.name;
  $("account_title").focus();
  await loadDevices();
}
$("to_account").onclick = () => { history.pushState({ screen: "account" }, ""); openAccount(); };
$("back").onclick = () => history.back();

// ── Devices ────────────────────────────────────────────────────────────────────────────────────
async function loadDevices() {
  try {
    const sessions = await api("/api/sessions");
    const here = sessions.filter((one) => one.here), others = sessions.filter((one) => !one.here);
    $("devices").replaceChildren(...[...here, ...others].map(device));
    $("end_others").hidden = !others.length;
    wrong("");
  } catch (failure) {
    wrong(say("no_devices", { why: why(failure) }));
  }
}

const wrong = (text) => objects($("devices_wrong"), text);

function device(one) {
  const node = make("li", {}, make("div", {}, make("b", { textContent: one.device }), ...(one.here ? [make("span", { className: "here", textContent: say("here") })] : []),
    make("small", { textContent: say("used", { seen: moment(one.seen) }) }), make("small", { textContent: say("since", { made: moment(one.made) }) })));
  if (!one.here) node.append(named(button(say("end"), () => end(`/api/sessions/${one.id}`, "DELETE", say("ended_one")), "danger"), say("end_of", { device: one.device })));
  return node;
}

async function end(path, method, done) {
  try {
    await api(path, { method });
    toast(done);
  } catch (failure) {
    return wrong(why(failure));
  }
  if (shownScreen() === "account") { await loadDevices(); $("devices_title").scrollIntoView({ block: "nearest" }); $("account_title").focus({ preventScroll: true }); }
}
$("end_others").onclick = () => end("/api/sessions/end-others", "POST", say("ended_others"));

// ── Passphrase ─────────────────────────────────────────────────────────────────────────────────
$("change_show").onchange = () => reveal($("change"), $("change_show").checked);

$("change").onsubmit = async (event) => {
  event.preventDefault();
  const told = (text) => objects($("change_wrong"), text);
  if ($("new").value !== $("new_repeated").value) { told(say("not_same")); return $("new_repeated").focus(); }
  told("");
  try {
    await api("/api/passphrase", { method: "POST", body: { old: $("old").value, new: $("new").value } });
    $("change").reset();
    reveal($("change"), false);
    toast(say("changed"));
    await loadDevices();
  } catch (failure) {
    told(why(failure));
  }
};

$("sign_out").onclick = () => document.dispatchEvent(new CustomEvent("leave", { detail: { joins: false } }));

export function forgetAccount() {
  $("change").reset();
  $("devices").replaceChildren();
}

// ── On the desktop ─────────────────────────────────────────────────────────────────────────────
let asks = null;
window.addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); asks = event; $("install").hidden = false; });
window.addEventListener("appinstalled", () => { $("install").hidden = true; });
$("install_now").onclick = async () => { await asks?.prompt(); $("install").hidden = true; };
