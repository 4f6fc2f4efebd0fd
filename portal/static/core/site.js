// Progressive enhancement only: every page works without this file.
(function () {
  "use strict";

  var live = document.getElementById("live");

  function each(root, selector, act) {
    Array.prototype.forEach.call(root.querySelectorAll(selector), act);
  }

  function say(text) {
    if (!live) return;
    live.textContent = "";
    window.setTimeout(function () { live.textContent = text; }, 50);
  }

  function focusOn(element) {
    if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    var top = element.getBoundingClientRect().top;
    if (top < 0 || top > window.innerHeight - 120) element.scrollIntoView();
  }

  // Controls that only work with a script start hidden.
  function reveal(root) {
    each(root, "[data-show-password], [data-copy], [data-print]", function (control) {
      if (control.hasAttribute("data-copy") && !navigator.clipboard) return;
      control.hidden = false;
    });
  }

  function togglePassword(button) {
    var input = document.getElementById(button.getAttribute("aria-controls"));
    var show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = show ? button.dataset.hide : button.dataset.show;
  }

  function copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      say(button.dataset.done);
      button.textContent = button.dataset.done;
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-show-password")) togglePassword(button);
    if (button.hasAttribute("data-copy")) copy(button);
    if (button.hasAttribute("data-print")) window.print();
  });

  // The error summary names the fields: a link puts the caret into the field itself.
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest(".error-summary a[href^='#']");
    var field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    (field.closest(".field") || field).scrollIntoView();
  });

  // A second tap within four seconds does not send the form again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", function () {
    each(document, "form[data-sent]", function (form) { delete form.dataset.sent; });
  });

  function connection() {
    var banner = document.getElementById("offline");
    if (banner) banner.hidden = navigator.onLine !== false;
  }
  window.addEventListener("online", connection);
  window.addEventListener("offline", connection);
  connection();

  document.addEventListener("htmx:configRequest", function (event) {
    var token = document.querySelector("meta[name='csrf-token']");
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });
  // What a person has sent takes the focus with its answer; what a page fetches by itself does not.
  var sent = false;
  document.addEventListener("htmx:beforeSwap", function (event) {
    sent = event.detail.requestConfig.verb === "post";
  });
  document.addEventListener("htmx:load", function (event) {
    var part = event.detail.elt;
    if (part === document.body) return;
    reveal(part.parentNode || part);
    var target = part.matches("[data-focus], .error-summary") ? part : part.querySelector("[data-focus], .error-summary");
    if (target) focusOn(target);
    else if (sent && document.activeElement === document.body) focusOn(part);
    sent = false;
    var news = part.matches("[data-announce]") ? part : part.querySelector("[data-announce]");
    if (news) say(news.getAttribute("data-announce"));
  });
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function () {
      var banner = document.getElementById("failed");
      if (banner) banner.hidden = false;
    });
  });
  document.addEventListener("htmx:beforeRequest", function () {
    var banner = document.getElementById("failed");
    if (banner) banner.hidden = true;
  });

  reveal(document);
  var summary = document.querySelector(".error-summary, [data-focus]");
  if (summary) focusOn(summary);
})();
