// The kiosk: reads a shown code by the camera, and forgets what somebody typed and left behind.
(function () {
  "use strict";

  const form = document.getElementById("kiosk");
  if (!form) return;
  const IDLE = 20000;
  const KEPT = "kiosk-camera";
  let timer = 0;

  // Nobody's half-typed number stays for the next one.
  function wait() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const typed = Array.from(form.querySelectorAll("input.input")).some((one) => one.value);
      if (typed || !document.getElementById("scan")) window.location.assign(form.dataset.start);
    }, IDLE);
  }
  form.addEventListener("input", wait);
  wait();

  const scan = window.portalScan;
  const box = document.getElementById("scan");
  if (!box || !scan || !scan.camera || !scan.camera.isThere) return;
  const video = document.getElementById("kiosk-video");
  const opener = document.getElementById("kiosk-camera");
  box.hidden = false;
  let sent = false;

  function take(text) {
    if (sent) return;
    sent = true;
    document.getElementById("kiosk-code").value = text;
    form.submit();
  }

  async function open() {
    video.parentElement.hidden = false;
    opener.hidden = true;
    try {
      await scan.camera.open(video, take);
      window.sessionStorage.setItem(KEPT, "1");
    } catch (error) {
      video.parentElement.hidden = true;
      opener.hidden = false;
      document.getElementById("kiosk-no-camera").hidden = false;
      window.sessionStorage.removeItem(KEPT);
    }
  }

  opener.addEventListener("click", open);
  // Once it was allowed on this tablet, it is open again for the next person.
  if (window.sessionStorage.getItem(KEPT)) open();
})();
