// The tablet at the door: goes back to its start by itself, and scans QR codes.

const page = document.querySelector("[data-reset-after]");
const scan = document.querySelector("[data-scan]");
let timer;

// --- Whoever has left it must not leave anything on it ---

function wait() {
  clearTimeout(timer);
  timer = setTimeout(reset, page.dataset.resetAfter * 1000);
}

async function reset() {
  try {
    // A page that cannot be reached would take the tablet out of service.
    const response = await fetch(page.dataset.start, { method: "HEAD" });
    if (response.ok) location.replace(page.dataset.start);
  } catch {
    // The form is emptied in any case.
  }
  document.querySelectorAll("form").forEach((form) => {
    form.querySelectorAll("input:not([type=hidden])").forEach((input) => {
      input.value = "";
    });
  });
  wait();
}

for (const event of ["input", "keydown", "pointerdown"]) {
  document.addEventListener(event, wait);
}
wait();

// --- Scanning, where the browser can ---

const SCAN_FOR = 30_000; // milliseconds
const LOOK_EVERY = 200;

async function look() {
  const scanner = document.querySelector("[data-scanner]");
  const video = scanner.querySelector("video");
  const field = document.querySelector("input[name=reference]");
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: { ideal: "user" } },
  });
  scanner.hidden = false;
  try {
    video.srcObject = stream;
    await video.play();
    const until = Date.now() + SCAN_FOR;
    while (Date.now() < until) {
      const [code] = await detector.detect(video);
      if (code) {
        field.value = code.rawValue;
        field.form.requestSubmit();
        return;
      }
      wait();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    scanner.hidden = true;
  }
}

async function start() {
  const complaint = document.querySelector("[data-no-camera]");
  scan.disabled = true;
  complaint.hidden = true;
  try {
    await look();
  } catch {
    complaint.hidden = false;
  }
  scan.disabled = false;
}

if (scan && "BarcodeDetector" in window && navigator.mediaDevices) {
  scan.hidden = false;
  scan.addEventListener("click", start);
}
