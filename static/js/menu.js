// Menus made of <details data-menu>: one open at a time, closed by Escape or a click elsewhere.
// Also brings the current entry into view where the navigation scrolls sideways.

const menus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest("details[data-menu]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

const nav = document.querySelector(".nav");
const current = nav?.querySelector("[aria-current]")?.closest(".nav > ul > li");
if (current) nav.scrollLeft = current.offsetLeft - nav.offsetLeft - 40;
