// Keys of the week's grid: Enter down, Shift and Enter up, arrows when the caret is at the edge. Leaving a cell is what
// saves it, so this only moves the focus. A question mark, which no duration has, opens the line of help and closes it.

const grid = document.querySelector("#hours .grid");
const rowsOf = () => [...grid.tBodies[0].rows].filter((row) => !row.matches(".line"));

const neighbour = (input, down, right) => {
  const rows = rowsOf();
  const row = rows.indexOf(input.closest("tr"));
  const column = input.parentElement.cellIndex;
  for (let step = 1; step < 50; step += 1) {
    const cell = rows[row + down * step]?.cells[column + right * step];
    if (!cell) return null;
    const found = cell.querySelector(":scope > input:not(:disabled)");
    if (found?.offsetParent) return found;
  }
  return null;
};

const go = (input) => {
  input.focus();
  input.select();
};

const edge = (input, end) => {
  const { selectionStart, selectionEnd, value } = input;
  if (selectionStart === 0 && selectionEnd === value.length) return true;
  return selectionStart === selectionEnd && selectionStart === (end ? value.length : 0);
};

grid.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches("td > input") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "?") {
    event.preventDefault();
    const help = document.getElementById("help");
    help.open = !help.open;
    document.getElementById("spoken").textContent = help.open ? help.lastElementChild.textContent : "";
    return;
  }
  const moves = {
    Enter: [event.shiftKey ? -1 : 1, 0],
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    ArrowRight: edge(input, true) && !event.shiftKey ? [0, 1] : null,
    ArrowLeft: edge(input, false) && !event.shiftKey ? [0, -1] : null,
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  const next = neighbour(input, ...move);
  if (next) {
    go(next);
  } else if (event.key === "Enter") {
    input.blur();
    go(input);
  }
});

// Coming into a cell selects it, so that typing replaces what is there.
grid.addEventListener("focusin", (event) => {
  if (event.target.matches("td > input")) event.target.select();
});
