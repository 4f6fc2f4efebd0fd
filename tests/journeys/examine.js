// What the rules need to know of the page on the screen. Returns a list of sentences, one a fault.
(options) => {
  const faults = [];
  const root = document.documentElement;
  const shown = (element) => {
    if (!element.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0 && box.bottom + window.scrollY > 0;
  };
  const name = (element) =>
    `<${element.tagName.toLowerCase()}> ${(element.textContent || element.name || "").trim().slice(0, 24)}`;

  // A link that covers its card by a pseudo-element is as large as the card.
  const covered = (link) => link.tagName === "A"
    && getComputedStyle(link, "::after").position === "absolute" && link.offsetParent;
  const boxOf = (element) => {
    const grown = covered(element);
    const label = element.matches("[type=checkbox], [type=radio]") && element.closest("label");
    if (grown || label) return (grown || label).getBoundingClientRect();
    const boxes = [...element.getClientRects()];
    return {
      width: Math.max(...boxes.map((box) => box.width)),
      height: Math.max(...boxes.map((box) => box.height)),
    };
  };
  // A link in a sentence has words beside it, in the block it stands in.
  const inSentence = (link) => {
    let block = link.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const copy = block.cloneNode(true);
    copy.querySelectorAll("a, button, form, .icon").forEach((part) => part.remove());
    return /[\p{L}\p{N}]/u.test(copy.textContent);
  };

  // Two targets one above the other must not reach into each other.
  const taken = [];
  const collide = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 8
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 8;

  const controls = "button, input:not([type=hidden]), select, textarea, summary, a[href]";
  for (const element of document.querySelectorAll(controls)) {
    if (!shown(element) || element.classList.contains("skip")) continue;
    const isText = element.tagName === "A" && !element.matches(".button, .tab, .tool, .chip");
    if (isText && inSentence(element)) continue;
    const box = boxOf(element);
    if (!covered(element) && !element.closest("label, .tabs, .top, .action-bar")) {
      const areas = [...element.getClientRects()];
      const other = taken.find((one) => !one.element.contains(element)
        && one.areas.some((its) => areas.some((area) => collide(its, area))));
      if (other) faults.push(`targets overlap: ${name(other.element)} and ${name(element)}`);
      taken.push({ element, areas });
    }
    const least = options.target - 0.5;
    if (box.height < least || (!isText && box.width < least)) {
      faults.push(`target ${Math.round(box.width)}x${Math.round(box.height)}: ${name(element)}`);
    }
  }

  // A date, a time span and a phone number stand on one line.
  const whole = /\d+月\d+日(?:\u00a0周.)?|\d\d:\d\d-\d\d:\d\d|\b0\d{2,3}-\d{7,8}/g;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (!shown(text.parentElement)) continue;
    for (const found of text.data.matchAll(whole)) {
      const range = document.createRange();
      range.setStart(text, found.index);
      range.setEnd(text, found.index + found[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) faults.push(`broken in the middle: ${found[0]}`);
    }
  }

  const size = parseFloat(getComputedStyle(document.body).fontSize);
  if (size < options.font) faults.push(`body text of ${size} px`);
  if (!["zh-CN", "en"].includes(root.lang)) faults.push(`language ${root.lang}`);
  if (!root.classList.contains(`view-${options.view}`)) faults.push(`not the ${options.view} view`);
  if (options.hasSwitch && !document.querySelector("form[action='/preferences'] [name=view]")) {
    faults.push("no switch of the reading view");
  }
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => shown(element) && !element.closest(".scroll")
        && element.getBoundingClientRect().right > root.clientWidth + 1,
    );
    faults.push(`${root.scrollWidth} px wide at ${root.clientWidth}: ${wide.slice(-3).map(name).join(" / ")}`);
  }
  return faults;
}
