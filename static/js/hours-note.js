// The note of the cell one was last in: shown under the grid once the cell has hours, and saved with the cell.
// F2 goes there and back; Enter saves it.

const grid = document.querySelector("#hours .grid");
const line = document.getElementById("noteline");
const note = document.getElementById("note");
const place = document.getElementById("note-of");
let cell = null;

const show = () => {
  if (!cell?.isConnected) cell = null; // its row was removed or replaced
  line.classList.toggle("idle", !cell?.value);
  if (!cell) return;
  place.textContent = cell.getAttribute("aria-label");
  if (document.activeElement !== note) note.value = cell.dataset.noteDraft ?? cell.title;
  note.readOnly = cell.readOnly;
};

const isCell = (element) => element.matches("td > input");

grid.addEventListener("focusin", (event) => {
  if (!isCell(event.target)) return;
  cell = event.target;
  show();
});

grid.addEventListener("input", show);
document.getElementById("hours").addEventListener("htmx:afterSettle", show);
grid.addEventListener("hours:saved", () => queueMicrotask(show));

let isTyped = false; // since it was last sent: a window in the background leaves the field without a change

const save = () => {
  const wasTyped = isTyped;
  isTyped = false;
  if (!wasTyped || !cell?.value || note.readOnly) return;
  cell.dataset.noteDraft = note.value;
  htmx.trigger(cell, "change");
};

note.addEventListener("input", () => { isTyped = true; });
note.addEventListener("change", save);

grid.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || !isCell(event.target) || !event.target.value) return;
  event.preventDefault();
  note.focus();
});

note.addEventListener("keydown", (event) => {
  if (!["Enter", "F2", "Escape"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Escape") {
    note.value = cell?.title ?? "";
    isTyped = false;
  }
  save();
  cell?.focus();
});
