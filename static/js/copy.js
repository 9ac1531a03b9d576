// button[data-copy="text"] puts the text on the clipboard and says so with data-copied. Hidden where the clipboard is not allowed.

const reveal = (root) => {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  document.getElementById("spoken").textContent = button.dataset.copied;
  const label = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), 2000);
});

document.addEventListener("htmx:load", (event) => reveal(event.target));
reveal(document);
