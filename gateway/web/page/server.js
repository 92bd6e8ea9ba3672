// The server: one call, its failures as codes, and who is signed in.
const PATIENCE = 20_000;
const ME = "/api/me";
const UPLOAD_PATIENCE = 600_000;

// `code`: the server's, or "offline" where nothing was answered, "server" where what answered wasn't ours.
export class Failure extends Error {
  constructor(code, text = "", status = 0) {
    super(text);
    Object.assign(this, { code, status });
  }
  // The same call may go through later.
  get passes() { return this.code === "offline" || this.code === "too_often" || this.status >= 500; }
}

export const me = { name: "", csrf: "", bot: { name: "", about: "" }, commands: [] };
let ahead = 0;
// The server's clock: a telephone's may be wrong by hours.
export const serverNow = () => Date.now() + ahead;

// A tab that was left open may hold the token of a session before: it asks for the new one, once.
export async function api(path, asked = {}) {
  try {
    return await call(path, asked);
  } catch (failure) {
    if (failure.code !== "stale_page") throw failure;
    const { name } = me;
    await loadMe();
    if (name === me.name) return call(path, asked);
    // Somebody else has signed in beside it: nothing is said in their name.
    me.name = name;
    document.dispatchEvent(new Event("ended"));
    throw new Failure("signed_out");
  }
}

async function call(path, { method = "GET", body } = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  let answer, text;
  try {
    answer = await fetch(path, {
      method, cache: "no-store", credentials: "same-origin", redirect: "error", signal: patience.signal,
      headers: { ...(body && { "Content-Type": "application/json" }), ...(path !== ME && { "X-CSRF-Token": me.csrf }) },
      body: body && JSON.stringify(body),
    });
    text = await answer.text();
  } catch {
    throw new Failure("offline");
  } finally {
    clearTimeout(timer);
  }
  const sent = Date.parse(answer.headers.get("Date"));
  if (sent) ahead = sent - Date.now();
  return read(answer.status, text);
}

function read(status, text) {
  let told = null;
  try { told = JSON.parse(text); } catch { /* What isn't ours, as a proxy's page, says nothing. */ }
  if (status >= 200 && status < 300 && (told || !text)) return told ?? {};
  // A proxy of the office in front of ours has limits of its own.
  if (!told?.error) throw new Failure(status === 413 ? "proxy_large" : "server", "", status < 400 ? 502 : status);
  if (told.error === "signed_out") document.dispatchEvent(new Event("ended"));
  throw new Failure(told.error, told.text ?? "", status);
}

// As fetch, but it says how much has gone: a photo takes a while on a weak network.
export function upload(path, form, told) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.timeout = UPLOAD_PATIENCE;
    request.setRequestHeader("X-CSRF-Token", me.csrf);
    request.upload.onprogress = ({ loaded, total }) => told(Math.floor((loaded / total) * 100));
    request.onload = () => { try { resolve(read(request.status, request.responseText)); } catch (failure) { reject(failure); } };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Failure("offline"));
    request.send(form);
  });
}

export async function loadMe() {
  Object.assign(me, await call(ME));
  return me;
}
