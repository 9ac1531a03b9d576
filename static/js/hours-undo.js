// Takes back what was saved, step by step: Ctrl and Z outside of a text that is being typed, or the button. Ctrl, Shift and
// Z, or Ctrl and Y, do again what was taken back last, until something else is saved. A verb that put values into several
// cells is one step. Only what is still as the step left it changes, and goes the way of what is typed; so the server too
// refuses it where something changed since.

const hours = document.getElementById("hours");
const button = document.getElementById("take-back");
const told = document.getElementById("verb-told");
const words = told.dataset;
const TAKEN_BACK = Symbol("taken back");

const steps = []; // each {name, cells}: by the id of its input, the {text, note, tag} before and after
const undone = []; // the steps that were taken back: each {cells}, what to do again, and as what taking back left the cell
const again = new Set(); // the names of steps that were done again
const under = new Map(); // the name of the step that a cell's edit belongs to
button.disabled = true;

const asked = []; // what was asked for while something was being saved: it is done once that has an answer

const isCell = (element) => element.matches("td > input");

hours.addEventListener("hours:put", ({ detail }) => {
  for (const { id } of detail.cells) under.set(id, detail.step);
}, true);

hours.addEventListener("input", ({ target }) => under.delete(target.id));

// The step below stands on what taking back left, and the one above on what doing again left: it is as it was again.
const moveTag = (stack, id, { text, tag }) => {
  const after = stack.findLast(({ cells }) => cells.has(id))?.cells.get(id).after;
  if (after?.text === text) after.tag = tag;
};

// What taking back left in a cell is what doing it again looks for.
const noteLeft = (id, after) => {
  const cell = undone.findLast(({ cells }) => cells.has(id))?.cells.get(id);
  if (cell && !cell.after) cell.after = after;
};

const record = (name, id, before, after) => {
  if (again.has(name)) moveTag(undone, id, after);
  else undone.length = 0;
  let step = steps.find((other) => other.name === name);
  if (!step) steps.push((step = { name, cells: new Map() }));
  step.cells.set(id, { before: step.cells.get(id)?.before ?? before, after });
  button.disabled = false;
};

hours.addEventListener("hours:saved", ({ target: input, detail: after }) => {
  const before = { text: input.defaultValue, note: input.title };
  const name = under.get(input.id) ?? Symbol("typed");
  under.delete(input.id);
  if (name === TAKEN_BACK) {
    moveTag(steps, input.id, after);
    noteLeft(input.id, after);
  } else if (before.text !== after.text || before.note !== after.note) record(name, input.id, before, after);
}, true); // before hours.js makes the answer what the cell holds

const isAsLeft = (input, after) => {
  if (!input || !after || input.readOnly || input.dataset.tag !== after.tag) return false;
  return input.defaultValue === after.text && input.value === after.text;
};

const sentence = (done, count, changed) =>
  [
    count && done.replace("%s", count),
    changed.length && words.changedSince.replace("%s", changed.map((id) => labelOf(id)).join("; ")),
  ].filter(Boolean).join(" ");

const labelOf = (id) => document.getElementById(id)?.getAttribute("aria-label") ?? words.goneRow;

// Puts what a step's cells were before into those that are still as it left them; returns the ids of these.
const putBack = ({ cells }, name, done) => {
  const ids = [...cells.keys()];
  const back = ids.filter((id) => isAsLeft(document.getElementById(id), cells.get(id).after));
  const put = back.map((id) => {
    const { before, after } = cells.get(id);
    return { id, text: before.text, note: before.text && before.note !== after.note ? before.note : undefined };
  });
  hours.dispatchEvent(new CustomEvent("hours:put", { detail: { cells: put, step: name } }));
  told.textContent = sentence(done, back.length, ids.filter((id) => !back.includes(id)));
  return back;
};

const takeBack = () => {
  const step = steps.pop();
  button.disabled = steps.length === 0;
  if (!step) {
    told.textContent = words.nothingToTakeBack;
    return;
  }
  // Told before anything is put: the answer to it looks for the step.
  const cells = [...step.cells].filter(([id, { after }]) => isAsLeft(document.getElementById(id), after));
  if (cells.length) undone.push({ cells: new Map(cells.map(([id, { after }]) => [id, { before: { ...after } }])) });
  putBack(step, TAKEN_BACK, words.takenBack);
};

const doAgain = () => {
  const step = undone.pop();
  if (!step) {
    told.textContent = words.nothingToDoAgain;
    return;
  }
  const name = Symbol("done again");
  again.add(name);
  putBack(step, name, words.doneAgain);
};

const isSaving = () => hours.querySelector("td.saving") !== null;

const ask = (act) => {
  if (isSaving()) asked.push(act);
  else act();
};

hours.addEventListener("hours:state", ({ detail }) => {
  if (detail.state === "failed") asked.length = 0; // what was to be taken back was never saved
  queueMicrotask(() => {
    if (!isSaving()) asked.shift()?.();
  });
});

button.addEventListener("click", () => ask(takeBack));

const isTyping = (target) =>
  isCell(target) ? target.value.trim() !== target.defaultValue && target.dataset.put === undefined : target.matches("input:not([type=radio]), textarea, select");

const asksFor = ({ key, ctrlKey, metaKey, shiftKey, altKey }) => {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === "z") return shiftKey ? doAgain : takeBack;
  return key.toLowerCase() === "y" && ctrlKey && !shiftKey ? doAgain : null;
};

document.addEventListener("keydown", (event) => {
  const act = asksFor(event);
  if (!act || isTyping(event.target) || event.target.closest("dialog")) return; // the browser's own undo
  event.preventDefault();
  ask(act);
});
