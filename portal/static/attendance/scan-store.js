// What the desk's scan page keeps on this phone, and letting go of it at sign-out.
// Loaded on every page of the staff, because anyone of them can be left from.
(function () {
  "use strict";

  const scan = window.portalScan = {};
  const memory = { queue: new Map(), roster: new Map() };
  const keys = { queue: "scan_id", roster: "shift" };
  let opening = null;

  // Resolves to null where a browser keeps nothing (private windows, some web views).
  function open() {
    if (!opening) {
      opening = new Promise((resolve) => {
        try {
          const request = window.indexedDB.open("portal-scan", 1);
          request.onupgradeneeded = () => {
            Object.keys(keys).forEach((name) => {
              request.result.createObjectStore(name, { keyPath: keys[name] });
            });
          };
          request.onsuccess = () => resolve(request.result);
          request.onerror = request.onblocked = () => resolve(null);
        } catch (error) {
          resolve(null);
        }
      });
    }
    return opening;
  }

  // Resolves when it is on the disk, not before: a crash a moment later loses nothing.
  async function act(name, mode, work) {
    const database = await open();
    return new Promise((resolve, reject) => {
      const change = database.transaction(name, mode, { durability: "strict" });
      const request = work(change.objectStore(name));
      change.oncomplete = () => resolve(request.result);
      change.onabort = change.onerror = () => reject(change.error);
    });
  }

  scan.keeps = async () => Boolean(await open());
  scan.put = async (name, value) => {
    if (!await open()) memory[name].set(value[keys[name]], value);
    else await act(name, "readwrite", (store) => store.put(value));
  };
  scan.all = async (name) => {
    if (!await open()) return Array.from(memory[name].values());
    return act(name, "readonly", (store) => store.getAll());
  };
  scan.remove = async (name, key) => {
    if (!await open()) memory[name].delete(key);
    else await act(name, "readwrite", (store) => store.delete(key));
  };

  scan.forget = async (shift) => {
    await scan.remove("roster", shift);
    if (window.caches) await window.caches.delete("scan:" + shift);
  };

  // The roster and the page go; the queue stays: it is lost to nobody by a sign-out.
  scan.letGo = async () => {
    for (const roster of await scan.all("roster")) await scan.remove("roster", roster.shift);
    if (window.caches) {
      for (const name of await window.caches.keys()) {
        if (name.startsWith("scan:")) await window.caches.delete(name);
      }
    }
    if (!navigator.serviceWorker) return;
    for (const one of await navigator.serviceWorker.getRegistrations()) {
      if (/\/desk\/shifts\/[^/]+\/scan$/.test(one.scope)) await one.unregister();
    }
  };

  async function leave(form) {
    try {
      const kept = (await scan.all("queue")).length;
      const asked = form.getAttribute("data-leave").replace("{n}", kept);
      if (kept && !window.confirm(asked)) return;
      await scan.letGo();
    } catch (error) {
      // Whatever a browser does to its stores, nobody is kept from signing out.
    }
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-leave")) return;
    event.preventDefault();
    leave(event.target);
  }, true);
})();
