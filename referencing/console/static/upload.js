// A large file of the form goes by itself, and on after a cut or in a page opened again. Others, and all without script, go with the form.
"use strict";

const supply = document.getElementById("supply");
const words = JSON.parse(supply?.dataset.words ?? "{}");

// A proof of one large file; several files of one proof make one version together, and go with the form.
function large() {
  return [...supply.elements].filter((field) => field.type === "file" && field.files.length === 1 && field.files[0].size >= Number(supply.dataset.large));
}

function line(field) {
  let shown = field.parentElement.querySelector("[data-upload]");
  if (!shown) {
    shown = document.getElementById("upload").content.cloneNode(true).firstElementChild;
    field.after(shown);
  }
  shown.querySelector("progress").setAttribute("aria-label", `${words.sending} ${field.files[0].name}`);
  return shown;
}

const say = (shown, text) => { shown.querySelector("[data-how-far]").textContent = text; };

function refusal(error) {
  const body = error.originalResponse?.getBody();
  try { return JSON.parse(body).detail; } catch { return words.cut; }
}

// An upload that was cut goes on from its address, kept under a digest of what it is of: no file's name stays in the browser.
async function digest(words) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const addresses = {
  findAllUploads: async () => [],
  findUploadsByFingerprint: async (print) => {
    const uploadUrl = localStorage.getItem(print);
    return uploadUrl ? [{ uploadUrl, urlStorageKey: print, metadata: {} }] : [];
  },
  addUpload: async (print, upload) => { localStorage.setItem(print, upload.uploadUrl); return print; },
  removeUpload: async (print) => localStorage.removeItem(print),
};

// What was refused is not sent again; a cut is, and the upload goes on where it was.
function again(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || status >= 500;
}

async function send(field) {
  const [file] = field.files;
  const [, item, seen] = field.name.split(":");
  const shown = line(field);
  const whole = await new Promise((resolve) => {
    const upload = new tus.Upload(file, {
      endpoint: field.dataset.uploads,
      headers: { Accept: "application/problem+json" },
      metadata: { candidature: supply.dataset.candidature, item, filename: file.name, ...(file.type && { filetype: file.type }) },
      urlStorage: addresses,
      fingerprint: async () => `upload-${await digest([supply.dataset.candidature, item, seen, file.name, file.size, file.lastModified].join("-"))}`,
      removeFingerprintOnSuccess: true,
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000],
      onShouldRetry: (error) => { say(shown, words.resuming); return again(error); },
      onProgress: (sent, total) => {
        shown.querySelector("progress").value = sent / total;
        say(shown, `${Math.floor((100 * sent) / total)} %`);
      },
      onError: (error) => { say(shown, refusal(error)); shown.classList.add("wrong"); resolve(false); },
      onSuccess: () => { say(shown, words.done); resolve(true); },
    });
    shown.classList.remove("wrong");
    upload.findPreviousUploads().then(([previous]) => {
      if (previous) upload.resumeFromPreviousUpload(previous);
      upload.start();
    });
  });
  if (whole) field.value = "";
  return whole;
}

let sending = false;

supply?.addEventListener("submit", async (event) => {
  const fields = large();
  if (!fields.length) return;
  event.preventDefault();
  if (sending) return;
  sending = true;
  let supplied = 0;
  for (const field of fields) supplied += (await send(field)) ? 1 : 0;
  sending = false;
  const left = [...supply.elements].some((field) => field.type === "file" && field.files.length);
  if (supplied < fields.length) return;
  if (left) supply.submit(); else location.assign(`${location.pathname}?fournies=${supplied}`);
});
