// The worst case: what a phone keeps goes out as a file, and comes in on another one's scan page.
(function () {
  "use strict";

  const scan = window.portalScan;
  const queue = scan.queue;
  const words = JSON.parse(document.getElementById("scan").dataset.words);
  const part = (name) => document.getElementById("scan-" + name);

  part("export").addEventListener("click", async () => {
    const rows = [...await queue.in("kept"), ...await queue.in("person")];
    const own = rows.filter((one) => one.shift === queue.shift).map(queue.wire);
    const text = JSON.stringify({ shift: queue.shift, scans: own }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "scans-" + queue.shift + ".json";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
  part("file").addEventListener("change", (event) => {
    const reader = new FileReader();
    reader.onload = async () => {
      let scans = null;
      try {
        const told = JSON.parse(reader.result);
        scans = told.shift === queue.shift ? told.scans : null;
      } catch (error) {
        scans = null;
      }
      if (!Array.isArray(scans)) {
        scan.say("person", words.no_file);
        return;
      }
      const known = new Set((await scan.all("queue")).map((one) => one.scan_id));
      const fresh = scans.filter((one) => one && one.scan_id && !known.has(one.scan_id));
      // As the other phone said it, its own clock's skew included.
      for (const one of fresh) {
        await scan.put("queue", {
          ...queue.wire(one), shift: queue.shift, state: "kept", tries: 0, name: "",
        });
      }
      await queue.flush(true);
      scan.say("wait", words.imported.replace("{n}", fresh.length));
    };
    if (event.target.files[0]) reader.readAsText(event.target.files[0]);
    event.target.value = "";
  });
})();
