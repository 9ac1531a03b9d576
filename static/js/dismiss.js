// [data-dismiss] takes away the message it stands in. The button is hidden until this script shows it.

const reveal = (root) => {
  for (const button of root.querySelectorAll("[data-dismiss]")) button.hidden = false;
};

document.addEventListener("click", (event) => {
  const message = event.target.closest("[data-dismiss]")?.closest(".message");
  if (!message) return;
  message.remove();
  document.getElementById("main").focus();
});

document.addEventListener("htmx:load", (event) => reveal(event.target));
reveal(document);
