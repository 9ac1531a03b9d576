// #panel is a <dialog> whose #panel-body htmx fills: it opens once filled, and closes by its button, Escape or a click beside it.

const panel = document.getElementById("panel");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "panel-body") return;
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
});

panel?.addEventListener("click", (event) => {
  if (event.target === panel || event.target.closest("[data-close]")) panel.close();
});
