// Tells what became of a scan: colour, icon and words, sound, vibration; the region is read out.
(function () {
  "use strict";

  const scan = window.portalScan;
  const ICONS = { ok: "circle-check", kept: "clock", person: "circle-alert", wait: "refresh-cw" };
  // Hertz and seconds; told apart with closed eyes: rising, one middle, two low.
  const TONES = {
    ok: [[880, .09], [1320, .14]], kept: [[560, .2]], person: [[220, .22], [0, .08], [220, .22]],
  };
  const SHAKES = { ok: [80], kept: [60, 60, 60], person: [300, 100, 300] };
  let sound = null;

  // Browsers let a page sound only after somebody has touched it.
  function wake() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!sound && Context) sound = new Context();
  }
  ["click", "keydown"].forEach((name) => document.addEventListener(name, wake, { once: true }));

  function play(tones) {
    if (!sound) return;
    let at = sound.currentTime;
    tones.forEach(([pitch, seconds]) => {
      if (pitch) {
        const voice = sound.createOscillator();
        voice.frequency.value = pitch;
        voice.connect(sound.destination);
        voice.start(at);
        voice.stop(at + seconds);
      }
      at += seconds;
    });
  }

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const use = document.createElementNS(space, "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", document.getElementById("scan").dataset.icons + "#" + name);
    svg.appendChild(use);
    return svg;
  }

  // `tone`: ok (the server has said so), kept (only this phone has it), person, wait.
  scan.say = (tone, headline, detail) => {
    const box = document.createElement("div");
    const text = document.createElement("div");
    const head = document.createElement("strong");
    const line = document.createElement("span");
    box.className = "scan-said " + tone;
    head.textContent = headline;
    line.textContent = detail || "";
    text.append(head, line);
    box.append(icon(ICONS[tone]), text);
    const place = document.getElementById("scan-result");
    place.textContent = "";
    place.appendChild(box);
    if (TONES[tone]) play(TONES[tone]);
    // A browser complains about a shake before the first touch.
    if (SHAKES[tone] && sound && navigator.vibrate) navigator.vibrate(SHAKES[tone]);
  };
})();
