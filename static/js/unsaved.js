// form[data-unsaved]: the browser asks before a page with changed fields is left. Sending the form is not leaving.

const initial = new Map();
const state = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  initial.set(form, state(form));
  form.addEventListener("submit", () => initial.delete(form));
}

addEventListener("beforeunload", (event) => {
  for (const [form, before] of initial) {
    if (form.isConnected && state(form) !== before) event.preventDefault();
  }
});
