// A page that changes by itself: it is fetched again when its stream says that something happened, and from time to time
// where no stream is to be had. What is typed, opened and in focus stays. Pages are as useful without it.
"use strict";

// Milliseconds: between two looks where there is no stream, and between any two.
const POLL = 30_000;
const REST = 10_000;
const part = () => document.querySelector("[data-watch]");
let stream = null;
let poll = null;
let waiting = false;
let rested = 0;

// Only a page that somebody sees keeps a stream: a browser has six connections to a server, for all of its tabs.
function follow() {
  if (stream || document.hidden) return;
  const address = new URL(part().dataset.watch, location.href);
  address.searchParams.set("vu", part().dataset.seen);
  stream = new EventSource(address);
  stream.addEventListener("changed", (event) => { if (event.data !== part().dataset.seen) soon(); });
  stream.addEventListener("error", () => { if (stream?.readyState === EventSource.CLOSED) lookLater(); });
}

function leave() {
  clearTimeout(poll);
  stream?.close();
  stream = null;
}

function lookLater() {
  leave();
  poll = setTimeout(() => refresh().finally(follow), POLL);
}

function soon() {
  if (waiting) return;
  waiting = true;
  setTimeout(async () => {
    waiting = false;
    rested = performance.now() + REST;
    await refresh();
  }, Math.max(rested - performance.now(), 0));
}

async function refresh() {
  const target = `#${part().id}`;
  const address = new URL(location.href);
  address.searchParams.set("auto", "1");
  const focused = selectorOf(document.activeElement);
  await htmx.ajax("GET", address.pathname + address.search, { source: part(), target, select: target, swap: "outerMorph" });
  if (focused && !document.activeElement.matches(focused)) {
    (document.querySelector(focused) ?? document.getElementById("main")).focus({ preventScroll: true });
  }
}

// What was in focus, by what it is for: lines move, and none may take the place of another under somebody's hands.
function selectorOf(element) {
  if (!element?.closest("[data-watch]")) return "";
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = ["href", "value", "name"].find((attribute) => element.hasAttribute(attribute));
  return name ? `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]` : "";
}

document.addEventListener("visibilitychange", () => { leave(); follow(); });
window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
follow();
