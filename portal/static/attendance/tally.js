// Taps are kept on the phone before anybody is told, and sent when it can be; one sent twice counts once.
(function () {
  "use strict";

  const form = document.getElementById("tally");
  if (!form || !window.localStorage || !window.crypto || !window.fetch) return;

  const words = JSON.parse(form.dataset.words);
  const key = "tally:" + form.dataset.shift;
  const shown = document.getElementById("tally-total");
  const line = document.getElementById("tally-line");
  const BATCH = 100;
  const EVERY = 10000;
  let total = Number(form.dataset.total);
  let busy = false;
  let said = "";
  let refused = false;

  const read = () => {
    try { return JSON.parse(localStorage.getItem(key)) || []; } catch (error) { return []; }
  };
  const keep = (marks) => {
    if (marks.length) localStorage.setItem(key, JSON.stringify(marks));
    else localStorage.removeItem(key);
  };

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    // Plain http on a phone of the hall: no randomUUID there.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function show() {
    const marks = read();
    const waiting = marks.reduce((sum, mark) => sum + mark.amount, 0);
    shown.textContent = String(Math.max(0, total + waiting));
    const text = said || (marks.length ? words.kept.replace("{n}", String(marks.length)) : "");
    line.textContent = text;
    line.hidden = !text;
  }

  async function send() {
    const marks = read().slice(0, BATCH);
    if (busy || refused || !marks.length) return;
    busy = true;
    let more = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST", credentials: "same-origin", cache: "no-store",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": form.querySelector("[name='csrf_token']").value,
        },
        body: JSON.stringify({ marks: marks }),
      });
      if (answer.ok) {
        const told = await answer.json();
        // Sent is sent, also what the server could not read: it would never be taken.
        const gone = new Set(marks.map((mark) => mark.mark_id));
        keep(read().filter((mark) => !gone.has(mark.mark_id)));
        total = told.total;
        more = read().length > 0;
        said = more ? "" : words.sent;
      } else if (answer.status === 401) {
        said = words.signIn;
      } else {
        const told = await answer.json().catch(() => null);
        said = told && told.error ? told.error.message : "";
        refused = answer.status === 409; // until the page is opened anew
      }
    } catch (error) {
      said = words.offline;
    }
    busy = false;
    show();
    if (more) send();
  }

  form.addEventListener("submit", (event) => {
    const amount = event.submitter ? Number(event.submitter.value) : 0;
    if (!amount) return;
    try {
      keep([...read(), { mark_id: newId(), amount: amount, counted_at: new Date().toISOString() }]);
    } catch (error) {
      return; // the disk is full: the form goes to the server as without a script
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    said = "";
    show();
    send();
  }, true);

  window.addEventListener("online", send);
  window.setInterval(send, EVERY);
  show();
  send();
})();
