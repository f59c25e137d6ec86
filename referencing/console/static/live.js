// A live session: what others do shows by itself, what is typed stays, images are pasted or dropped. Forms work without it.
"use strict";

const session = () => document.getElementById("live");
let refreshing = false;
let again = false;

// The line that somebody writes on stays in hand, and its form as it is, until it is sent.
const written = () => document.querySelector("form[data-line][hx-morph-skip]");

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    const address = new URL(session().dataset.page, location.href);
    const item = written()?.dataset.line ?? new URLSearchParams(location.search).get("preuve");
    if (item) address.searchParams.set("preuve", item);
    address.searchParams.set("auto", "1");
    await htmx.ajax("GET", address.pathname + address.search, { source: session(), target: "#live", select: "#live", swap: "outerMorph" });
    reveal();
  } finally {
    refreshing = false;
    if (again) { again = false; refresh(); }
  }
}

function reveal() {
  document.querySelectorAll("[data-ticks]").forEach((element) => element.removeAttribute("hidden"));
}

// A capture changes nothing that is written: the form goes on from the revision that it made.
function follow(event) {
  const line = JSON.parse(event.data).detail;
  const form = written();
  if (event.type === "item.captured" && form?.dataset.line === line.item && Number(form.revision.value) === line.revision - 1) {
    form.revision.value = line.revision;
  }
  refresh();
}

// Only a page that somebody sees keeps a stream; it goes on from the last event that the page shows.
let events = null;

function listen() {
  events?.close();
  events = document.hidden ? null : new EventSource(session().dataset.events);
  if (!events) return;
  session().dataset.kinds.split(" ").forEach((kind) => events.addEventListener(kind, follow));
  events.addEventListener("open", () => { document.getElementById("offline").hidden = true; });
  events.addEventListener("error", () => { document.getElementById("offline").hidden = false; });
}

listen();
document.addEventListener("visibilitychange", listen);
window.addEventListener("pagehide", () => events?.close());

async function send(files) {
  const form = document.querySelector("form[data-captures]");
  if (!form || !files.length) return;
  const body = new FormData();
  for (const file of files) body.append("file", file, file.name);
  const answer = await fetch(form.action, { method: "POST", body });
  const refusal = document.querySelector("[data-refusal]");
  refusal.hidden = answer.ok;
  if (answer.ok) { form.reset(); refresh(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  refusal.textContent = page.querySelector("[role=alert]")?.textContent.trim() ?? "Cette capture n'est pas ajoutée.";
}

document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) { event.preventDefault(); send(event.clipboardData.files); }
});
document.addEventListener("dragover", (event) => {
  if (document.querySelector("form[data-captures]")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (document.querySelector("form[data-captures]")) { event.preventDefault(); send(event.dataTransfer.files); }
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-captures]")) { event.preventDefault(); send(event.target.file.files); }
});

// By the server's clock: it says what has elapsed each time that the page is fetched, and the browser counts on.
let counted = { said: null, at: 0 };

function elapsed() {
  const said = document.querySelector("[data-elapsed]")?.dataset.elapsed ?? "0";
  if (said !== counted.said) counted = { said, at: performance.now() };
  const seconds = Number(said) + Math.floor((performance.now() - counted.at) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return minutes < 60 ? `${minutes}:${two(seconds % 60)}` : `${Math.floor(minutes / 60)}:${rest}`;
}

setInterval(() => {
  const clock = document.querySelector("[data-elapsed]");
  if (clock) clock.textContent = elapsed();
}, 1000);

document.addEventListener("click", (event) => {
  const field = document.getElementById(event.target.closest("[data-now]")?.dataset.now ?? "");
  if (field) { field.value = elapsed(); field.dispatchEvent(new Event("input", { bubbles: true })); }
});
