// Keys of a list: J and K, or the arrows once a row is marked, go up and down; Enter opens the row, X chooses it, S goes to
// what can be done with those chosen, a question mark opens the line of help. They are heard in the list and where nothing
// has the focus, never while somebody types. Who has turned keys of one letter off in the profile has the arrows, Enter and
// Escape alone, in a row that has the focus.

const table = document.querySelector("table.list");
const rows = () => (table ? [...table.tBodies[0].rows].filter((row) => row.querySelector("a")) : []);
const current = () => document.activeElement.closest("table.list tbody tr");

const mark = (row) => {
  row.tabIndex = -1;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
};

const step = (by) => {
  const every = rows();
  const next = current() ? every[every.indexOf(current()) + by] : every[by > 0 ? 0 : every.length - 1];
  if (next) mark(next);
};

const toggle = (everything) => {
  const box = current()?.querySelector("input[data-choose]");
  if (!box) return;
  const checked = !box.checked;
  const chosen = everything ? document.querySelectorAll("input[data-choose]") : [box];
  for (const one of chosen) one.checked = checked;
  document.dispatchEvent(new Event("choose"));
};

const act = () => {
  const bar = document.getElementById("chosen");
  if (bar?.hidden) toggle(false);
  bar?.querySelector("button:not([hidden])")?.focus();
};

const help = () => {
  const line = document.getElementById("help");
  line.open = !line.open;
  const spoken = document.getElementById("spoken");
  spoken.textContent = line.open ? [...line.querySelectorAll("p")].map((one) => one.textContent).join(" ") : "";
};

const KEYS = "noLetterKeys" in document.body.dataset ? {} : {
  j: () => step(1),
  k: () => step(-1),
  x: () => toggle(false),
  X: () => toggle(true),
  s: act,
  "?": help,
};
const IN_A_ROW = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Escape: () => document.activeElement.blur(),
  Enter: () => current()?.querySelector("a").click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { activeElement } = document;
  const isFree = activeElement === document.body || activeElement.id === "main" || activeElement.matches(".scroll");
  if (!isFree && !current()) return;
  const key = KEYS[event.key] || (activeElement.matches("table.list tbody tr") && IN_A_ROW[event.key]);
  if (!key) return;
  event.preventDefault();
  key();
});
