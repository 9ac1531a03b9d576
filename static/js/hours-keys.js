// Keys of the week's grid: Enter down and on to the next day, Shift and Enter up, Tab along the days of work, arrows when
// the caret is at the edge. Leaving a cell is what saves it: this says so and moves the focus. A question mark, which no
// duration has, opens the line of help and closes it.

const grid = document.querySelector("#hours .grid");
const rowsOf = () => [...grid.tBodies[0].rows].filter((row) => !row.matches(".line"));
const inputOf = (cell) => cell?.querySelector(":scope > input:not(:disabled)");
const columnOf = (input) => input.parentElement.cellIndex;
const showsOneDay = () => document.querySelector("#hours .days").offsetParent !== null;

const neighbour = (input, down, right) => {
  const rows = rowsOf();
  const row = rows.indexOf(input.closest("tr"));
  for (let step = 1; step < 50; step += 1) {
    const cell = rows[row + down * step]?.cells[columnOf(input) + right * step];
    if (!cell) return null;
    const found = inputOf(cell);
    if (found?.offsetParent) return found;
  }
  return null;
};

// The top of the next day that takes hours, or the foot of the one before.
const otherDay = (input, by) => {
  const rows = by > 0 ? rowsOf() : rowsOf().reverse();
  for (let column = columnOf(input) + by; rows[0].cells[column]?.matches(".day"); column += by) {
    const found = rows.map((row) => inputOf(row.cells[column])).find((other) => other && !other.readOnly);
    if (found) return found;
  }
  return null;
};

// The column in which a row's days of work end: Friday, or the day of the weekend that has hours.
const lastColumn = () => {
  const used = (day) => [...grid.querySelectorAll(`td.d${day} > input`)].some((input) => input.value);
  return 1 + ([6, 5].find(used) ?? 4);
};

// Where Tab leads over the weekend and the row's buttons, which the arrows reach; null where it goes as everywhere.
const nextByTab = (input, isBack) => {
  const rows = rowsOf();
  const row = rows.indexOf(input.closest("tr"));
  const open = (cells) => cells.map(inputOf).filter((other) => other && !other.readOnly);
  if (showsOneDay() || columnOf(input) > lastColumn()) return null;
  const days = (of) => open([...(of?.cells ?? [])].slice(1, lastColumn() + 1));
  if (isBack) return days(rows[row])[0] === input ? days(rows[row - 1]).at(-1) : null;
  return days(rows[row]).at(-1) === input ? (days(rows[row + 1])[0] ?? below()) : null;
};

// What comes under the grid: the note of a cell with hours, else what adds a row.
const below = () => {
  const note = document.getElementById("note");
  return note.closest(".idle") ? document.querySelector("#addrow > summary") : note;
};

const go = (input) => {
  const day = document.getElementById(`shown-${input.parentElement.cellIndex - 1}`);
  if (day) day.checked = true;
  input.focus();
  input.select?.();
};

const edge = (input, end) => {
  const { selectionStart, selectionEnd, value } = input;
  if (selectionStart === 0 && selectionEnd === value.length) return true;
  return selectionStart === selectionEnd && selectionStart === (end ? value.length : 0);
};

const showHelp = () => {
  const help = document.getElementById("help");
  help.open = !help.open;
  document.getElementById("spoken").textContent = help.open ? help.lastElementChild.textContent : "";
};

const targets = {
  Enter: (input, isBack) => neighbour(input, isBack ? -1 : 1, 0) ?? otherDay(input, isBack ? -1 : 1),
  Tab: nextByTab,
  ArrowDown: (input) => neighbour(input, 1, 0),
  ArrowUp: (input) => neighbour(input, -1, 0),
  ArrowRight: (input) => neighbour(input, 0, 1),
  ArrowLeft: (input) => neighbour(input, 0, -1),
};

const moves = (input, { key, shiftKey }) => {
  if (key === "ArrowRight") return edge(input, true) && !shiftKey;
  if (key === "ArrowLeft") return edge(input, false) && !shiftKey;
  return key in targets;
};

grid.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches("td > input") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "?") {
    event.preventDefault();
    showHelp();
    return;
  }
  if (!moves(input, event)) return;
  const next = targets[event.key](input, event.shiftKey);
  if (next || ["Enter", "Tab"].includes(event.key)) input.dispatchEvent(new CustomEvent("hours:leave", { bubbles: true }));
  if (event.key === "Tab" && !next) return;
  event.preventDefault();
  if (next) {
    go(next);
  } else if (event.key === "Enter") {
    input.blur();
    go(input);
  } else if (event.key === "ArrowRight") {
    input.closest("tr").querySelector(".acts button")?.focus();
  }
});

// From Sunday the right arrow goes on to the row's buttons, along them and back.
grid.addEventListener("keydown", (event) => {
  const button = event.target.closest(".acts button");
  if (!button || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  const buttons = [...button.closest(".acts").querySelectorAll("button")];
  const next = buttons[buttons.indexOf(button) + (event.key === "ArrowRight" ? 1 : -1)];
  if (next) next.focus();
  else if (event.key === "ArrowLeft") go([...button.closest("tr").querySelectorAll("td > input:not(:disabled)")].at(-1));
});

// Coming into a cell selects it, so that typing replaces what is there.
grid.addEventListener("focusin", (event) => {
  if (event.target.matches("td > input")) event.target.select();
});
