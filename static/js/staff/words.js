// Shows what the words say while they are being written, as the Preview button does;
// and has a click on a name put it where the cursor was.

const PAUSE = 500; // milliseconds without a key, before it asks

const form = document.getElementById("words");
const fields = [...form.querySelectorAll("textarea, input[type=text]")];
let timer;
let asked = 0; // an answer to an earlier question is too old to be shown
let last = form.querySelector("textarea");

async function ask() {
  const mine = ++asked;
  const body = new FormData(form);
  body.append("preview", "");
  try {
    const response = await fetch(form.action, { method: "POST", body, redirect: "error" });
    if (![200, 422].includes(response.status) || mine !== asked) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(form.dataset.preview);
    const shown = document.getElementById(form.dataset.preview);
    if (!fresh || mine !== asked) return;
    const open = [...shown.querySelectorAll("details")].map((each) => each.open);
    for (const [place, each] of fresh.querySelectorAll("details").entries()) each.open = open[place] ?? false;
    shown.replaceWith(fresh);
  } catch {
    // The button still works; without a network nothing does.
  }
}

for (const field of fields) {
  field.addEventListener("focus", () => { last = field; });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}

for (const name of document.querySelectorAll("[data-insert]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "messages-insert";
  name.replaceWith(button);
  button.append(name);
  button.addEventListener("click", () => {
    last.setRangeText(name.textContent, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    last.dispatchEvent(new Event("input"));
  });
}
