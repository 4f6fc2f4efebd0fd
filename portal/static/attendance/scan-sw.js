// Brings the desk's scan page and its files when there is no network; touches nothing else.
// The page itself puts the files into the cache "scan:<shift>".
"use strict";

const PAGE = /^\/desk\/shifts\/([^/]+)\/scan$/;
const PATIENCE = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const named = PAGE.exec(url.pathname);
  if (request.mode === "navigate" && named) event.respondWith(page(request, url, named[1]));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

// The network first, but not for long: a hall with one bar of signal is a hall without.
async function page(request, url, shift) {
  const cache = await self.caches.open("scan:" + shift);
  const kept = await cache.match(url.pathname, { ignoreVary: true });
  const asked = fetch(request).then((answer) => {
    if (answer.ok && !answer.redirected && !url.search) cache.put(url.pathname, answer.clone());
    return answer;
  });
  if (!kept) return asked;
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE); });
  return Promise.race([asked.catch(() => kept), late]);
}

async function file(request) {
  return (await self.caches.match(request)) || fetch(request);
}
