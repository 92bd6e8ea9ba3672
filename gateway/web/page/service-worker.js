// Keeps the shell of the page for when there is no network: what everybody gets, and nothing of
// anybody. What stands under /api is never looked at here, so no message is ever kept.
const SHELL = [
  "/", "/page.css", "/page.js", "/words.js", "/tools.js", "/server.js", "/markup.js", "/bubble.js", "/chat.js", "/place.js",
  "/keys.js", "/outbox.js", "/changes.js", "/compose.js", "/enter.js", "/account.js", "/manifest.webmanifest", "/icon.svg", "/icon-180.png",
  "/icon-192.png", "/icon-512.png", "/icon-maskable-512.png",
];
const CACHE = "shell";
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(newest(event.request, pathname));
});

// The server's first, so that a new release is seen at once; the kept one where it doesn't answer.
async function newest(request, path) {
  const cache = await caches.open(CACHE);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const answer = await fetch(request, { signal: patience.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    await cache.put(path, answer.clone());
    return answer;
  } catch {
    return await cache.match(path) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}
