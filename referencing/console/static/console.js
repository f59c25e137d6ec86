// Keys: an element with `data-key` is pressed by that key; Ctrl+Enter sends the form in hand. Nothing needs them.
"use strict";

const STORED = "console-keys";
const keysAreOn = () => localStorage.getItem(STORED) !== "off";

function showKeys() {
  document.documentElement.classList.toggle("keys", keysAreOn());
}

function isTyping(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), select, textarea, dialog, [contenteditable]") !== null;
}

function press(element) {
  if (element.matches("input[type=radio], input[type=checkbox], details")) {
    element.matches("details") ? element.setAttribute("open", "") : element.click();
    const next = document.getElementById(element.dataset.then ?? "") ?? element.querySelector?.("input, select, textarea");
    (next ?? element).focus();
  } else if (element.matches("input, select, textarea")) {
    element.focus();
  } else {
    element.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const send = event.target.closest("form")?.querySelector("[data-send]") ?? document.querySelector("[data-send]");
    if (send) { event.preventDefault(); send.click(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.key === "?") { event.preventDefault(); explainKeys(); return; }
  if (!keysAreOn()) return;
  const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (element) { event.preventDefault(); press(element); }
});

function explainKeys() {
  const dialog = document.getElementById("keys");
  const list = dialog.querySelector("ul");
  list.replaceChildren(...[...document.querySelectorAll("[data-key]")].map((element) => {
    const line = document.createElement("li");
    const key = document.createElement("kbd");
    key.textContent = element.dataset.key;
    line.append(key, ` ${element.dataset.does ?? wordsOf(element)}`);
    return line;
  }));
  dialog.querySelector("input").checked = keysAreOn();
  dialog.showModal();
}

function wordsOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return copy.textContent.trim();
}

document.addEventListener("change", (event) => {
  if (event.target.id === "keys-on") {
    localStorage.setItem(STORED, event.target.checked ? "on" : "off");
    showKeys();
  }
  const into = event.target.dataset.fills;
  if (into && event.target.value) {
    const field = document.getElementById(into);
    field.value = event.target.selectedOptions[0].dataset.text;
    field.focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-ticks]")) {
    document.querySelectorAll("[data-step]").forEach((choice) => { choice.checked = true; });
    return;
  }
  if (event.target.closest("[data-explains-keys]")) explainKeys();
});

const WRITTEN = "textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file])";

// What somebody writes stays as it is when the page around it changes by itself, until it is sent; its section as well,
// where the form might go. What was given back with what is wrong is written, too.
function keep(form) {
  form?.setAttribute("hx-morph-skip", "");
  form?.closest("[data-watch] section")?.setAttribute("hx-morph-skip", "");
}

// A page goes with all that was written in it, but for the form that is sent; a download leaves it where it is.
const DOWNLOAD = "a:is([href*=telecharger], [href*='.csv'], [href*='.json'], [href*='.zip'], [href$='/donnees'])";
let leaving = null;
document.addEventListener("input", (event) => {
  leaving = null;
  keep(event.target.closest("form:not([data-captures], [hx-get])"));
});
document.addEventListener("submit", (event) => { leaving = event.target; });
document.addEventListener("click", (event) => { leaving = event.target.closest(DOWNLOAD); });
window.addEventListener("beforeunload", (event) => {
  const lost = [...document.querySelectorAll("main form[method=post][hx-morph-skip]")].some((form) => form !== leaving);
  if (lost && !leaving?.matches("a")) event.preventDefault();
});
if (document.querySelector("[data-given-back]")) {
  document.querySelectorAll("main form[method=post]").forEach((form) => {
    const sent = new URL(form.getAttribute("action") ?? "", location.href).pathname === location.pathname;
    if (sent && [...form.querySelectorAll(WRITTEN)].some((field) => field.value)) keep(form);
  });
}

// What changed by itself is said once, politely.
let lastSaid = document.querySelector("[data-watch]")?.dataset.said;
document.addEventListener("htmx:after:swap", (event) => {
  const changed = document.getElementById(event.detail?.ctx?.target?.id ?? "");
  const said = (changed?.matches("[data-said]") ? changed : changed?.querySelector("[data-said]"))?.dataset.said;
  if (said && said !== lastSaid) document.getElementById("said").textContent = lastSaid = said;
});

document.documentElement.classList.add("scripted");
showKeys();
document.querySelectorAll("[data-explains-keys], [data-ticks]").forEach((element) => element.removeAttribute("hidden"));

// At once: htmx itself waits for a timer, and what is typed before it would not be followed.
htmx.process(document.body);
