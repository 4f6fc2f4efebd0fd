// Typing a paper sheet without a mouse: Enter goes on to the next field, a code leads to its row.
(function () {
  "use strict";

  const form = document.getElementById("paper");
  if (!form) return;
  const code = document.getElementById("code");
  const plain = (text) => text.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const fields = () => Array.from(form.querySelectorAll("input.input"));

  function rowOf(text) {
    const rows = Array.from(form.querySelectorAll(".paper-row"));
    return rows.find((row) => plain(row.dataset.code) === plain(text));
  }

  function go(field) {
    field.focus();
    field.select();
  }

  function next(field) {
    if (field === code && code.value) {
      const row = rowOf(code.value);
      const time = row && row.querySelector(".paper-time");
      if (time) {
        form.querySelectorAll(".is-found").forEach((one) => one.classList.remove("is-found"));
        row.classList.add("is-found");
        code.value = "";
        go(time);
        return;
      }
    }
    const all = fields();
    const following = all[all.indexOf(field) + 1];
    // After the last row the buttons come; Enter on a button is its own.
    if (following) go(following);
    else form.querySelector("button").focus();
  }

  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches("input.input")) return;
    event.preventDefault();
    next(field);
  });
})();
