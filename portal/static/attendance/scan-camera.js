// Ways to read a code: the camera, or a photo; by the browser's own detector, or by jsQR.
(function () {
  "use strict";

  // The kiosk loads this file alone.
  const scan = window.portalScan = window.portalScan || {};
  const PAUSE = 160;
  // Somebody holds a card longer than one picture: it counts once until it was gone this long.
  const GONE = 2500;
  const SIDES = [1000, 500];
  let native;
  let loading = null;
  let stream = null;
  let timer = 0;
  let last = { text: "", at: 0 };

  function detector() {
    if (native !== undefined) return native;
    try {
      native = window.BarcodeDetector ? new window.BarcodeDetector({ formats: ["qr_code"] }) : null;
    } catch (error) {
      native = null;
    }
    return native;
  }

  function jsqr() {
    if (!loading) {
      loading = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = document.getElementById("scan").dataset.jsqr;
        script.onload = () => resolve(window.jsQR);
        script.onerror = () => { loading = null; reject(new Error("no jsQR")); };
        document.head.appendChild(script);
      });
    }
    return loading;
  }

  async function read(source, width, height, side) {
    if (detector()) {
      try {
        const found = await native.detect(source);
        return found.length ? found[0].rawValue : "";
      } catch (error) {
        native = null; // it is there, and does not work: some phones have only its name
      }
    }
    const decode = await jsqr();
    const scale = Math.min(1, side / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    const found = decode(picture.data, canvas.width, canvas.height);
    return found ? found.data : "";
  }

  async function look(video, tell) {
    if (!stream) return;
    try {
      if (video.readyState >= 2) {
        const text = await read(video, video.videoWidth, video.videoHeight, 640);
        const now = Date.now();
        if (text && (text !== last.text || now - last.at > GONE)) tell(text);
        if (text) last = { text: text, at: now };
      }
    } catch (error) {
      // One picture that could not be read: the next one comes at once.
    }
    timer = window.setTimeout(() => look(video, tell), PAUSE);
  }

  scan.camera = {
    isThere: Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia),

    // Rejects where there is no camera, or it is not allowed.
    open: async (video, tell) => {
      const facing = video.dataset.facing || "environment";
      const wanted = { facingMode: facing, width: { ideal: 1280 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      video.srcObject = stream;
      await video.play();
      last = { text: "", at: 0 };
      look(video, tell);
    },

    close: (video) => {
      window.clearTimeout(timer);
      if (stream) stream.getTracks().forEach((track) => track.stop());
      stream = null;
      video.srcObject = null;
    },

    hasTorch: () => {
      const [track] = stream ? stream.getVideoTracks() : [];
      return Boolean(track && track.getCapabilities && track.getCapabilities().torch);
    },

    torch: (on) => stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] }),

    // Return the text of the code in a photo, or "".
    photo: async (file) => {
      const picture = new Image();
      // A data address: the policy of the page lets no blob be shown.
      const address = await new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = reject;
        reader.readAsDataURL(file);
      });
      await new Promise((resolve, reject) => {
        picture.onload = resolve;
        picture.onerror = reject;
        picture.src = address;
      });
      for (const side of SIDES) {
        const text = await read(picture, picture.naturalWidth, picture.naturalHeight, side);
        if (text) return text;
      }
      return "";
    },
  };
})();
