// On a phone the filters of a list stand behind one button (filters.css); without JavaScript they stand open.

for (const button of document.querySelectorAll("button.fold-filters")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
  });
}
