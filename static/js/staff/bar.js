// Scrolls the bar, where it is wider than the screen, to the page that is shown.

const current = document.querySelector(".staff-bar [aria-current]");
if (current) {
  const list = current.closest("ul");
  list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
}
