// Takes back what was saved, step by step: Ctrl and Z outside of a text that is being typed, or the button. A verb that put
// values into several cells is one step. Only what is still as the step left it is taken back, and goes the way of what is
// typed; so the server too refuses it where something changed since.

const hours = document.getElementById("hours");
const button = document.getElementById("take-back");
const told = document.getElementById("verb-told");
const words = told.dataset;
const TAKEN_BACK = Symbol("taken back");

const steps = []; // each {name, cells}: by the id of its input, the {text, note, tag} before and after
const under = new Map(); // the name of the step that a cell's edit belongs to
button.disabled = true;

let asked = 0; // steps to take back once what is being saved has an answer

const isCell = (element) => element.matches("td > input");

hours.addEventListener("hours:put", ({ detail }) => {
  for (const { id } of detail.cells) under.set(id, detail.step);
}, true);

hours.addEventListener("input", ({ target }) => under.delete(target.id));

// The step below stands on what taking back left: it is as that step left it again.
const moveTag = (id, { text, tag }) => {
  const step = steps.findLast(({ cells }) => cells.has(id));
  const cell = step?.cells.get(id);
  if (cell?.after.text === text) cell.after.tag = tag;
};

const record = (name, id, before, after) => {
  let step = steps.find((other) => other.name === name);
  if (!step) steps.push((step = { name, cells: new Map() }));
  step.cells.set(id, { before: step.cells.get(id)?.before ?? before, after });
  button.disabled = false;
};

hours.addEventListener("hours:saved", ({ target: input, detail: after }) => {
  const before = { text: input.defaultValue, note: input.title };
  const name = under.get(input.id) ?? Symbol("typed");
  under.delete(input.id);
  if (name === TAKEN_BACK) moveTag(input.id, after);
  else if (before.text !== after.text || before.note !== after.note) record(name, input.id, before, after);
}, true); // before hours.js makes the answer what the cell holds

const isAsLeft = (input, { text, tag }) =>
  input && !input.readOnly && input.dataset.tag === tag && input.defaultValue === text && input.value === text;

const sentence = (back, changed) =>
  [
    back.length && words.takenBack.replace("%s", back.length),
    changed.length && words.changedSince.replace("%s", changed.map((id) => labelOf(id)).join("; ")),
  ].filter(Boolean).join(" ");

const labelOf = (id) => document.getElementById(id)?.getAttribute("aria-label") ?? words.goneRow;

const takeBack = () => {
  const step = steps.pop();
  button.disabled = steps.length === 0;
  if (!step) {
    told.textContent = words.nothingToTakeBack;
    return;
  }
  const changed = [...step.cells.keys()].filter((id) => !isAsLeft(document.getElementById(id), step.cells.get(id).after));
  const back = [...step.cells.keys()].filter((id) => !changed.includes(id));
  const cells = back.map((id) => {
    const { before, after } = step.cells.get(id);
    return { id, text: before.text, note: before.text && before.note !== after.note ? before.note : undefined };
  });
  hours.dispatchEvent(new CustomEvent("hours:put", { detail: { cells, step: TAKEN_BACK } }));
  told.textContent = sentence(back, changed);
};

const isSaving = () => hours.querySelector("td.saving") !== null;

const ask = () => {
  if (isSaving()) asked += 1;
  else takeBack();
};

hours.addEventListener("hours:state", ({ detail }) => {
  if (detail.state === "failed") asked = 0; // what was to be taken back was never saved
  queueMicrotask(() => {
    if (!asked || isSaving()) return;
    asked -= 1;
    takeBack();
  });
});

button.addEventListener("click", ask);

const isTyping = (target) =>
  isCell(target) ? target.value.trim() !== target.defaultValue && target.dataset.put === undefined : target.matches("input:not([type=radio]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  if (isTyping(event.target) || event.target.closest("dialog")) return; // the browser's own undo
  event.preventDefault();
  ask();
});
