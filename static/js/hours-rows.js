// Rows that come and go: what was removed can be brought back for some seconds, to where it was; what was added gets the focus.

const hours = document.getElementById("hours");
const rows = document.getElementById("rows");
const undo = document.getElementById("undo");
let place = null; // the row above which the removed one stood
let going = 0;
let before = new Set();

const forget = () => {
  if (undo.contains(document.activeElement)) document.querySelector("#addrow > summary")?.focus();
  undo.replaceChildren();
};

hours.addEventListener("hours:removed", (event) => {
  let next = document.getElementById(`r${event.detail.row}`)?.nextElementSibling;
  while (next?.matches(".line")) next = next.nextElementSibling;
  place = next;
});

hours.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "messages") event.detail.target.scrollIntoView({ block: "nearest" });
  if (event.detail.target !== undo) return;
  clearTimeout(going);
  const button = undo.querySelector("button");
  if (!button) return;
  button.focus();
  going = setTimeout(forget, 1000 * Number(button.dataset.seconds));
});

hours.addEventListener("htmx:beforeSwap", (event) => {
  before = new Set([...rows.rows].map((row) => row.id));
  if (!event.detail.requestConfig.elt.closest("#undo") || event.detail.xhr.status < 400) return;
  undo.replaceChildren();
  Object.assign(event.detail, { shouldSwap: true, isError: false, target: undo, swapOverride: "beforeend" });
});

// A row that was refused: its form says why, and the caret goes to what is to be written anew.
const goToRefused = () => {
  const fields = document.getElementById("row-fields");
  (fields.querySelector("[aria-invalid=true]") ?? fields.querySelector("input, select")).focus({ preventScroll: true });
  fields.closest("form").scrollIntoView({ block: "nearest" });
};

hours.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "row-fields") goToRefused();
  if (event.detail.target !== rows) return;
  const added = [...rows.rows].filter((row) => row.id && !before.has(row.id));
  if (event.detail.requestConfig.path.endsWith("restore-row")) {
    clearTimeout(going);
    undo.replaceChildren();
    if (added.length && place?.isConnected) place.before(...added);
  } else {
    document.getElementById("addrow")?.removeAttribute("open");
    for (const name of document.querySelectorAll("#row-fields [data-names]")) name.value = "";
    for (const sentence of document.querySelectorAll("#row-fields .errorlist")) sentence.remove();
    for (const field of document.querySelectorAll("#row-fields [aria-invalid]")) field.removeAttribute("aria-invalid");
  }
  const cells = added[0] ? [...added[0].querySelectorAll("td > input:not(:disabled, [readonly])")] : [];
  cells.find((input) => input.offsetParent)?.focus();
});
