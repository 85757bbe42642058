// Keeps the desk up to date: asks every four seconds whether anything has changed, and
// puts the new regions in place. Focus, what is typed and what is unfolded stay.

const EVERY = 4000; // milliseconds
const PATIENCE = 15000; // milliseconds until an answer is given up
const desk = document.getElementById("desk");
const said = document.getElementById("desk-said");
const lost = document.getElementById("desk-lost");
const signedOut = document.getElementById("desk-signed-out");
let etag = desk.dataset.etag;
let isBusy = false; // with a step of one's own
let isAsking = false; // one at a time, so that no older answer comes after a newer
let steps = 0; // an answer from before a step is too old to be shown

function keepState(region, fresh) {
  for (const old of region.querySelectorAll("details[open][id]")) {
    const twin = fresh.querySelector(`#${CSS.escape(old.id)}`);
    if (twin) twin.open = true;
  }
  for (const old of region.querySelectorAll("select[id]")) {
    const twin = fresh.querySelector(`#${CSS.escape(old.id)}`);
    if (twin && [...twin.options].some((option) => option.value === old.value)) {
      twin.value = old.value;
    }
  }
}

function show(page) {
  const focused = document.activeElement?.closest("[data-live]") && document.activeElement.id;
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(region.id);
    if (!fresh) continue;
    keepState(region, fresh);
    if (Number(fresh.dataset.calledAt) > Number(region.dataset.calledAt ?? 0)) {
      said.textContent = fresh.dataset.called;
    }
    region.replaceWith(fresh);
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function reachable(isReachable) {
  lost.hidden = isReachable;
  lost.textContent = isReachable ? "" : desk.dataset.lost;
  signedOut.hidden = true;
}

// The desk answers anybody else by leading to the page where one signs in.
function askToSignIn() {
  reachable(true);
  signedOut.hidden = false;
}

async function ask() {
  if (document.hidden || isBusy || isAsking) return;
  isAsking = true;
  const before = steps;
  try {
    const response = await fetch(desk.dataset.board, {
      cache: "no-store",
      headers: { "If-None-Match": etag },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.type === "opaqueredirect") {
      askToSignIn();
      return;
    }
    if (response.status !== 304) {
      if (!response.ok) throw new Error(response.statusText);
      const html = await response.text();
      if (before !== steps) return;
      show(parse(html));
      etag = response.headers.get("ETag");
    }
    reachable(true);
  } catch {
    reachable(false);
  } finally {
    isAsking = false;
  }
}

// A step on the board: send it, and show what the page says then, in its place.
async function send(event) {
  const form = event.target;
  if (!form.closest("[data-live], .desk__next")) return;
  event.preventDefault();
  if (isBusy) return;
  isBusy = true;
  steps += 1;
  const button = event.submitter;
  const focused = button?.id;
  const body = new FormData(form, button);
  const address = button?.getAttribute("formaction") ?? form.action;
  try {
    const response = await fetch(address, { method: "POST", body });
    if (!response.ok) throw new Error(response.statusText);
    const page = parse(await response.text());
    if (!page.getElementById("desk")) {
      askToSignIn();
      return;
    }
    const messages = page.querySelector(".messagelist");
    document.querySelector(".messagelist")?.remove();
    if (messages) {
      document.getElementById("content-start").prepend(messages);
      said.textContent = messages.textContent.trim();
    }
    const host = page.getElementById("desk-host");
    if (host) document.getElementById("desk-host").replaceWith(host);
    show(page);
    const { etag: newest, board } = page.getElementById("desk").dataset;
    etag = newest;
    desk.dataset.board = board;
    reachable(true);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  } catch {
    reachable(false);
  } finally {
    isBusy = false;
  }
}

document.querySelector("[data-refresh]").hidden = true;
document.addEventListener("submit", send);
document.addEventListener("visibilitychange", ask);
setInterval(ask, EVERY);
