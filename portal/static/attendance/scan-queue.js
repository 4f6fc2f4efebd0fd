// The queue of scans: on the disk before anybody is told, sent when it can be, each judged alone.
(function () {
  "use strict";

  const scan = window.portalScan;
  const BATCH = 10;
  const PATIENCE = 10000;
  const EVERY = 20000;
  const MOST_WAIT = 300000;
  const TRIES = 3;

  // `reachable`: the last request got an answer. `stopped`: signed out, or not allowed any more.
  // `watched`: the scan that somebody stands before and waits for; not one that was kept meanwhile.
  const queue = scan.queue = {
    shift: "", roster: null, csrf: "", skew: null, reachable: navigator.onLine !== false,
    stopped: false, busy: false, watched: "", onChange: () => {}, onVerdict: () => {},
  };
  let flushing = Promise.resolve();
  let failures = 0;
  let nextAt = 0;
  let rosterAt = 0;
  let counting = 0;

  const token = () => queue.csrf || document.querySelector("meta[name='csrf-token']").content;

  async function ask(path, body) {
    const stop = window.AbortController ? new AbortController() : null;
    const timer = window.setTimeout(() => stop && stop.abort(), PATIENCE);
    // Said to be JSON, so that a sign-in that ended is answered with 401 and not with a page.
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
    const options = { headers: headers, credentials: "same-origin", cache: "no-store" };
    if (stop) options.signal = stop.signal;
    if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
    try {
      const answer = await fetch(path, options);
      // The body belongs to the answer: a network can fail in the middle of it.
      const told = (answer.headers.get("Content-Type") || "").startsWith("application/json")
        ? await answer.json() : null;
      queue.reachable = true;
      return { status: answer.status, body: told };
    } catch (error) {
      queue.reachable = false;
      return { status: 0, body: null };
    } finally {
      window.clearTimeout(timer);
    }
  }

  // --- the roster --------------------------------------------------------------------------------

  queue.refresh = async () => {
    const kept = queue.roster;
    const have = kept && kept.people ? "?have=" + kept.version : "";
    const before = Date.now();
    const answer = await ask("/desk/shifts/" + queue.shift + "/scan/snapshot" + have);
    rosterAt = Date.now();
    if ([401, 403, 404, 410].includes(answer.status)) {
      queue.roster = null;
      queue.stopped = answer.status !== 410;
      await scan.forget(queue.shift);
    } else if (answer.status === 200 && answer.body) {
      queue.stopped = false;
      await take(answer.body, (before + rosterAt) / 2);
    }
    queue.onChange();
  };

  async function take(body, at) {
    const { csrf, ...roster } = body;
    queue.csrf = csrf;
    queue.skew = Math.round((at - Date.parse(roster.now)) / 1000);
    if (!roster.people) roster.people = queue.roster && queue.roster.people;
    if (!scan.canOpen) roster.people = null;
    roster.skew = queue.skew;
    queue.roster = roster;
    await scan.put("roster", roster);
  }

  queue.load = async () => {
    for (const roster of await scan.all("roster")) {
      const now = Date.now() - 1000 * (roster.skew || 0);
      if (Date.parse(roster.expires_at) < now) await scan.forget(roster.shift);
      else if (roster.shift === queue.shift) queue.roster = roster;
    }
    if (queue.roster) queue.skew = queue.roster.skew;
    queue.onChange();
  };

  // --- records -----------------------------------------------------------------------------------

  queue.add = async (record) => {
    const whole = { state: "kept", tries: 0, shift: queue.shift, ...record };
    if (queue.skew !== null) whole.skew_seconds = queue.skew;
    await scan.put("queue", whole);
    queue.onChange();
    return whole;
  };
  queue.in = async (state) => {
    const rows = (await scan.all("queue")).filter((one) => one.state === state);
    return rows.sort((a, b) => (a.occurred_at < b.occurred_at ? -1 : 1));
  };
  queue.settle = async (scanId) => {
    await scan.remove("queue", scanId);
    queue.onChange();
  };
  queue.again = async (record) => {
    await scan.put("queue", { ...record, state: "kept", tries: 0 });
    queue.onChange();
  };

  queue.wire = (record) => {
    const sent = {};
    ["scan_id", "code", "signup_id", "direction", "occurred_at", "entry", "skew_seconds"]
      .filter((name) => record[name] !== undefined)
      .forEach((name) => { sent[name] = record[name]; });
    return sent;
  };

  async function toPerson(record, reason, message) {
    await scan.put("queue", { ...record, state: "person", reason: reason, message: message });
    queue.onVerdict(record, "person", { message: message, reason: reason });
  }

  // --- sending -----------------------------------------------------------------------------------

  queue.flush = (now) => {
    if (now) nextAt = 0;
    // One after another: two at once would send the same records twice.
    flushing = flushing.then(run).catch(() => {}).then(() => queue.onChange());
    return flushing;
  };

  async function run() {
    if (queue.stopped || Date.now() < nextAt) return;
    const tried = new Set();
    let goesOn = true;
    while (goesOn) {
      const waiting = (await queue.in("kept")).filter((one) => !tried.has(one.scan_id));
      if (!waiting.length) break;
      const batch = waiting.filter((one) => one.shift === waiting[0].shift).slice(0, BATCH);
      batch.forEach((one) => tried.add(one.scan_id));
      goesOn = await sent(batch) === "done";
    }
    if (tried.size && queue.reachable) countSoon();
  }

  // The counts are the server's; a busy door asks for them every two seconds, not at each person.
  function countSoon() {
    if (!counting) counting = window.setTimeout(() => { counting = 0; queue.refresh(); }, 2000);
  }

  function later() {
    failures += 1;
    const wait = Math.min(MOST_WAIT, 5000 * Math.pow(2, failures - 1));
    nextAt = Date.now() + wait * (0.75 + Math.random() / 2);
    queue.busy = true;
    return "later";
  }

  // Return "done" when the batch is dealt with, "stop" when no more can be sent, "later" when the
  // server is not well.
  async function sent(batch, isSecond) {
    const path = "/desk/shifts/" + batch[0].shift + "/scans";
    const answer = await ask(path, { scans: batch.map(queue.wire) });
    const status = answer.status;
    if (status === 0) return "stop";
    if (status === 401 || status === 403) {
      queue.stopped = true;
      await scan.forget(batch[0].shift);
      queue.roster = null;
      return "stop";
    }
    const results = status === 200 && answer.body && answer.body.results;
    if (results && results.length === batch.length) {
      failures = 0;
      queue.busy = false;
      for (let n = 0; n < batch.length; n += 1) await judged(batch[n], results[n]);
      return "done";
    }
    if (status < 400 || status >= 500 || status === 429) {
      return batch.length > 1 ? oneByOne(batch) : later();
    }
    if (status === 400 && !isSecond) {
      // A page out of the cache carries the token of an earlier sign-in.
      await queue.refresh();
      return queue.stopped ? "stop" : sent(batch, true);
    }
    if (batch.length > 1) return oneByOne(batch);
    await toPerson(batch[0], "http", status);
    return "done";
  }

  // One of a batch is bad: which one, only asking for each of them tells.
  async function oneByOne(batch) {
    const failed = [];
    for (const record of batch) {
      const outcome = await sent([record], true);
      if (outcome === "stop") return outcome;
      if (outcome === "later") failed.push(record);
      if (failed.length >= TRIES && failed.length === batch.indexOf(record) + 1) return "later";
    }
    if (failed.length === batch.length) return "later";
    // The server takes others: it is the record that is at fault, and it does not hold them up.
    for (const record of failed) await triedInVain(record, "http", 500);
    nextAt = 0;
    queue.busy = false;
    return "done";
  }

  async function triedInVain(record, reason, message) {
    const tries = record.tries + 1;
    if (tries >= TRIES) await toPerson({ ...record, tries: tries }, reason, message);
    else await scan.put("queue", { ...record, tries: tries });
  }

  async function judged(record, result) {
    const first = result.verdict === "duplicate" ? result.first : result.verdict;
    const isThere = ["already_in", "already_out"].includes(result.reason) && result.visit;
    if (result.reason === "internal") {
      await triedInVain(record, "internal", result.message);
    } else if ((first === "stored" && result.reason === "ok") || isThere) {
      await scan.remove("queue", record.scan_id);
      queue.onVerdict(record, "ok", result);
    } else if (result.reason === "malformed" && record.scan_id === queue.watched) {
      // Mistyped, and told so at once: nothing is left for a person to look at later.
      await scan.remove("queue", record.scan_id);
      queue.onVerdict(record, "person", result);
    } else {
      const name = result.visit ? result.visit.person : record.name;
      await toPerson({ ...record, name: name }, result.reason, result.message);
    }
  }

  // Background sync is not there on every phone: the page itself asks, as often as it may help.
  queue.start = () => {
    const wake = () => queue.refresh().then(() => queue.flush(true));
    window.addEventListener("online", wake);
    window.addEventListener("offline", () => { queue.reachable = false; queue.onChange(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
    window.setInterval(async () => {
      if ((await queue.in("kept")).length) {
        if (queue.stopped) await queue.refresh();
        queue.flush();
      } else if (!document.hidden && Date.now() - rosterAt > 3 * EVERY) {
        queue.refresh();
      }
    }, EVERY);
    return wake();
  };
})();
