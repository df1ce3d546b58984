// The service worker: after the first visit the page loads and decides without a network. It keeps the files of one
// build, and nothing that anybody typed. Its list of files is put in when the page is built.
const FILES = __FILES__;
const CACHE = "cattlegrid __VERSION__";

self.addEventListener("install", (event) => {
  // From the server, not from what the browser has kept: the files of one build belong together.
  const requests = FILES.map((file) => new Request(file, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("cattlegrid ") && name !== CACHE;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // A live server's answers are nobody's to keep.
  if (request.method !== "GET" || url.origin !== self.location.origin || !url.href.startsWith(self.registration.scope))
    return;
  // The page itself comes from the server while there is one, so that a new build is seen at once.
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => page()));
  else event.respondWith(caches.match(request, { ignoreSearch: true }).then((kept) => kept ?? fetch(request)));
});

async function page() {
  return (await caches.match("./", { ignoreSearch: true })) ?? Response.error();
}
