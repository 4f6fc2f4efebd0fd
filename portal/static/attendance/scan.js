// The desk's scan page: takes a code from whichever way works, keeps it, and says what became of it.
(function () {
  "use strict";

  const scan = window.portalScan;
  const queue = scan.queue;
  const root = document.getElementById("scan");
  const words = JSON.parse(root.dataset.words);
  const part = (name) => document.getElementById("scan-" + name);
  const show = (element, on) => { element.hidden = !on; };
  const SOON = 2500;
  queue.shift = root.dataset.shift;
  let current = "";
  let canKeep = true;

  function uuid() {
    const data = window.crypto.getRandomValues(new Uint8Array(16));
    data[6] = (data[6] & 15) | 64;
    data[8] = (data[8] & 63) | 128;
    const text = Array.from(data, (one) => one.toString(16).padStart(2, "0")).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  const direction = () => document.querySelector("input[name='direction']:checked").value;

  // --- a scan ------------------------------------------------------------------------------------

  async function take(text, byHand) {
    const code = scan.clean(text);
    const kind = scan.kind(code);
    if (!kind) {
      scan.say("person", words.no_code);
      return;
    }
    const known = await scan.find(code, queue.roster).catch(() => null);
    // A long code typed that fast was a hand scanner.
    const entry = byHand && kind === "short" ? "manual" : "camera";
    // A code is good for long: a phone that has to wait keeps the sign-up it stands for instead.
    const who = known && !queue.reachable ? { signup_id: known.signup_id } : { code: code };
    const name = known ? known.name + " · " + known.role : "";
    await record({ ...who, entry: entry, name: name, who: known ? known.signup_id : code });
  }

  async function record(given) {
    const made = {
      scan_id: uuid(), direction: direction(), occurred_at: new Date().toISOString(), ...given,
    };
    const before = (await queue.in("kept")).filter((one) => one.who === made.who).pop();
    if (before && before.direction === made.direction && before.shift === queue.shift) {
      scan.say("kept", words.kept_twice, made.name);
      return;
    }
    await queue.add(made);
    current = queue.watched = made.scan_id;
    const isKept = () => {
      if (current !== made.scan_id) return;
      queue.watched = "";
      const way = words[made.direction] + (made.name ? " · " + made.name : "");
      scan.say("kept", words.kept, way + " · " + (made.name ? words.kept_detail : words.kept_unknown));
    };
    if (!queue.reachable || queue.stopped) {
      isKept();
      queue.flush(true);
      return;
    }
    scan.say("wait", words.sending, made.name);
    const late = window.setTimeout(isKept, SOON);
    await queue.flush(true);
    window.clearTimeout(late);
    const left = await queue.in("kept");
    if (left.some((one) => one.scan_id === made.scan_id)) isKept();
  }

  queue.onVerdict = (one, tone, result) => {
    if (one.scan_id !== current) return;
    current = "";
    const said = result.reason === "http"
      ? words.refused_whole.replace("{status}", result.message) : result.message;
    const name = result.visit ? result.visit.person : one.name || "";
    if (tone === "ok") scan.say("ok", name || words["confirmed_" + one.direction], said);
    else scan.say("person", words.person, [name, said].filter(Boolean).join("："));
  };

  // --- what the page shows -----------------------------------------------------------------------

  function button(text, act) {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "button secondary";
    one.textContent = text;
    one.addEventListener("click", act);
    return one;
  }

  function row(one) {
    const item = document.createElement("li");
    const box = document.createElement("div");
    const head = document.createElement("h3");
    const line = document.createElement("p");
    const row = document.createElement("div");
    const time = new Date(one.occurred_at).toTimeString().slice(0, 5);
    const isHttp = one.reason === "http";
    item.className = "row";
    row.className = "button-row";
    head.textContent = [one.name || words.unknown, words[one.direction], time].join(" · ");
    line.textContent = isHttp ? words.refused_whole.replace("{status}", one.message) : one.message;
    box.append(head, line);
    if (isHttp || one.reason === "internal") {
      row.append(button(words.again, () => queue.again(one).then(() => queue.flush(true))));
    }
    row.append(button(words.settled, () => queue.settle(one.scan_id)));
    item.append(box, row);
    return item;
  }

  function warning() {
    const minutes = Math.round(Math.abs(queue.skew || 0) / 60);
    if (queue.stopped) return words.sign_in;
    if (!canKeep) return words.no_keep;
    if (!window.isSecureContext) return words.no_secure;
    if (minutes > 5) return words.skew.replace("{n}", minutes);
    return queue.busy ? words.busy : "";
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
    show(element, text);
  }

  queue.onChange = async () => {
    const kept = await queue.in("kept");
    const person = await queue.in("person");
    part("kept").textContent = kept.length;
    part("person").textContent = person.length;
    if (queue.roster) {
      part("expected").textContent = queue.roster.expected;
      part("came").textContent = queue.roster.came;
    }
    show(part("needs"), person.length);
    show(part("waits"), kept.length);
    const list = part("needs").querySelector("ul");
    const shown = person.map((one) => one.scan_id).join();
    if (list.dataset.shown !== shown) {
      list.dataset.shown = shown;
      list.textContent = "";
      list.append(...person.map(row));
    }
    const away = queue.roster && queue.roster.people ? words.offline : words.offline_no_roster;
    put(part("line"), queue.reachable ? words.online : away);
    part("line").className = queue.reachable ? "muted" : "scan-warning";
    put(part("warning"), warning());
    show(part("sign-in"), queue.stopped);
  };

  // --- ways to say a code ------------------------------------------------------------------------

  const field = part("code");
  part("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value;
    field.value = "";
    field.focus();
    take(text, true);
  });
  // A hand scanner types into whatever has the focus; on a phone the keyboard would cover the page.
  if (window.matchMedia && window.matchMedia("(pointer: fine)").matches) field.focus();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-scan-signup")) return;
    event.preventDefault();
    const name = form.querySelector("button").dataset.name;
    record({
      signup_id: form.elements.signup.value, who: form.elements.signup.value, entry: "manual",
      direction: form.elements.direction.value, name: name.slice(0, 1) + "*",
    });
    document.getElementById("scan-found").textContent = "";
    field.focus();
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== part("find") || queue.reachable) return;
    event.preventDefault();
    scan.say("wait", words.no_find);
  });

  const video = part("video");
  function camera(on) {
    show(video.parentNode, on);
    show(part("open"), !on && scan.camera.isThere);
    show(part("close"), on);
    show(part("torch"), on && scan.camera.hasTorch());
    part("torch").setAttribute("aria-pressed", "false");
    part("torch").textContent = words.torch_on;
    put(part("camera-line"), on ? words.camera_on : "");
  }
  async function open() {
    try {
      await scan.camera.open(video, (text) => take(text, false));
      camera(true);
      part("close").focus({ preventScroll: true });
      video.parentNode.scrollIntoView();
    } catch (error) {
      scan.camera.close(video);
      camera(false);
      put(part("camera-line"), words.no_camera);
    }
  }
  function close() {
    scan.camera.close(video);
    camera(false);
  }
  part("open").addEventListener("click", open);
  part("close").addEventListener("click", () => { close(); part("open").focus(); });
  part("torch").addEventListener("click", async () => {
    const on = part("torch").getAttribute("aria-pressed") !== "true";
    await scan.camera.torch(on);
    part("torch").setAttribute("aria-pressed", String(on));
    part("torch").textContent = on ? words.torch_off : words.torch_on;
  });
  part("photo").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    const text = file ? await scan.camera.photo(file).catch(() => "") : "";
    event.target.value = "";
    if (text) take(text, false);
    else scan.say("person", words.no_picture);
  });
  // A camera that nobody looks at is closed: it costs battery, and it looks like being watched.
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); });

  part("send").addEventListener("click", () => queue.flush(true));

  // --- without network ---------------------------------------------------------------------------

  async function keepPage() {
    if (!navigator.serviceWorker || !window.caches) return;
    const page = location.pathname;
    await navigator.serviceWorker.register(root.dataset.worker, { scope: page });
    const cache = await window.caches.open("scan:" + queue.shift);
    const linked = "link[rel='stylesheet'], link[rel='icon'], script[src]";
    const files = Array.from(document.querySelectorAll(linked), (one) => one.href || one.src)
      .concat(root.dataset.jsqr, root.dataset.icons)
      .map((address) => new URL(address, location.href).href);
    for (const request of await cache.keys()) {
      const isWanted = files.includes(request.url) || new URL(request.url).pathname === page;
      if (!isWanted) await cache.delete(request);
    }
    for (const address of files) {
      if (!await cache.match(address)) await cache.add(address);
    }
    // Later loads pass the worker, which keeps them itself.
    if (!navigator.serviceWorker.controller || !await cache.match(page, { ignoreVary: true })) {
      const answer = await fetch(page);
      if (answer.ok && !answer.redirected) await cache.put(page, answer);
    }
    root.dataset.ready = "yes";
  }

  async function begin() {
    show(part("camera"), true);
    camera(false);
    show(part("file-field"), true);
    [part("kept"), part("person")].forEach((one) => show(one.parentNode, true));
    canKeep = await scan.keeps();
    await queue.load();
    await queue.start();
    if (queue.reachable && !queue.stopped) await keepPage().catch(() => {});
  }
  begin();
})();
