// Opens a row of the sealed roster with the code of its person; the twin of attendance/snapshot.py.
(function () {
  "use strict";

  const scan = window.portalScan;
  const LONG = /^m[2-9a-hjkmnp-tv-z]{32}$/;
  const SHORT = /^[2-9a-hjkmnp-tv-z]{6}$/;
  const PURPOSE = "portal scan snapshot";
  const subtle = window.crypto && window.crypto.subtle;

  // Browsers have no such cryptography on plain http, localhost apart.
  scan.canOpen = Boolean(subtle);

  scan.clean = (text) => text.normalize("NFKC").replace(/\s+/g, "").toLowerCase();
  scan.kind = (code) => (LONG.test(code) ? "long" : SHORT.test(code) ? "short" : "");

  const bytes = (text) => new TextEncoder().encode(text);
  const unpacked = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const hex = (data) => Array.from(data, (one) => one.toString(16).padStart(2, "0")).join("");

  async function material(code, roster) {
    const salt = unpacked(roster.salt);
    const long = { name: "HKDF", hash: "SHA-256", salt: salt, info: bytes(PURPOSE) };
    const salted = Uint8Array.from([...salt, ...bytes(PURPOSE)]);
    const short = { name: "PBKDF2", hash: "SHA-256", salt: salted, iterations: roster.rounds };
    const way = scan.kind(code) === "long" ? long : short;
    const key = await subtle.importKey("raw", bytes(code), way.name, false, ["deriveBits"]);
    return new Uint8Array(await subtle.deriveBits(way, key, 512));
  }

  // Return {signup_id, name, role, state} of whose code it is, or null when the roster has no such row.
  scan.find = async (code, roster) => {
    if (!subtle || !roster || !roster.people) return null;
    const made = await material(code, roster);
    const wanted = hex(made.slice(0, 32));
    const row = roster.people.find((one) => one.find === wanted);
    if (!row) return null;
    const sealed = unpacked(row.sealed);
    const key = await subtle.importKey("raw", made.slice(32), "AES-GCM", false, ["decrypt"]);
    const way = { name: "AES-GCM", iv: sealed.slice(0, 12) };
    const plain = await subtle.decrypt(way, key, sealed.slice(12));
    return JSON.parse(new TextDecoder().decode(plain));
  };
})();
