// Asks every four seconds which tickets are called, and shows what has changed.

const EVERY = 4000;
const PATIENCE = 3; // failures in a row before the screen says so

const calls = document.getElementById("calls");
const stale = document.getElementById("stale");
let etag = "";
let failures = 0;

async function look() {
  try {
    const response = await fetch(calls.dataset.calls, {
      cache: "no-store",
      credentials: "omit",
      headers: etag ? { "If-None-Match": etag } : {},
      signal: AbortSignal.timeout(EVERY),
    });
    if (!response.ok && response.status !== 304) throw new Error(response.status);
    if (response.ok) {
      show(await response.text());
      etag = response.headers.get("ETag") ?? "";
    }
    failures = 0;
  } catch {
    failures += 1;
  }
  stale.hidden = failures < PATIENCE;
  setTimeout(look, EVERY);
}

function show(html) {
  const before = newest();
  if (calls.innerHTML.trim() === html.trim()) return;
  calls.innerHTML = html;
  const call = calls.querySelector("[data-ticket]");
  call?.classList.toggle("call--new", newest() !== before);
}

function newest() {
  return calls.querySelector("[data-ticket]")?.textContent;
}

setTimeout(look, EVERY);
