// Verbs of the cell one was last in: its value to the days after it or to each weekday, its day to another day, and time
// added to it. They fill cells that are empty and open, and say what they left as it was: nothing is written over. What
// they put goes the way of what is typed (hours.js), and is taken back in one step (hours-undo.js).

const hours = document.getElementById("hours");
const grid = hours.querySelector(".grid");
const verbs = document.getElementById("verbs");
const told = document.getElementById("verb-told");
const words = told.dataset;
const FRIDAY = 4;
let cell = null;

const isCell = (element) => element.matches("td > input");
const rowsOf = () => [...grid.tBodies[0].rows].filter((row) => !row.matches(".line"));
const cellsOf = (row) => [...row.querySelectorAll("td.day > input")];
const dayOf = (input) => cellsOf(input.closest("tr")).indexOf(input);
const isOpen = (input) => !input.disabled && !input.readOnly;
const isRefused = (input) => input.dataset.why !== undefined && input.dataset.why !== "away";
const say = (text) => { told.textContent = text; };
const put = (cells, step = Symbol("verb")) => hours.dispatchEvent(new CustomEvent("hours:put", { detail: { cells, step } }));

grid.addEventListener("focusin", ({ target }) => {
  if (!isCell(target)) return;
  cell = target;
  document.getElementById("verbs-of").textContent = cell.getAttribute("aria-label");
});

// Goes on once the server has read what stands in the cell; without a network, with it as it was typed.
const whenRead = (input, then) => {
  if (input.value.trim() === input.defaultValue && !isRefused(input)) {
    then();
    return;
  }
  const answered = ({ target, detail }) => {
    if (target !== input || !["saved", "failed"].includes(detail.state)) return;
    hours.removeEventListener("hours:state", answered);
    if (isRefused(input)) say(words.correctFirst);
    else then();
  };
  hours.addEventListener("hours:state", answered);
  if (!input.parentElement.matches(".saving")) put([{ id: input.id, text: input.value }]);
};

// `pairs` are [from, to]: what was filled, and what was left as it was because it has hours or takes none.
const fill = (pairs) => {
  const wanted = pairs.filter(([from]) => from.value.trim() && !isRefused(from));
  const empty = wanted.filter(([, to]) => isOpen(to) && !to.value.trim());
  put(empty.map(([from, to]) => ({ id: to.id, text: from.value })));
  const kept = wanted.length - empty.length;
  const filled = wanted.length ? words.filled.replace("%s", empty.length) : words.nothingToFill;
  say(kept ? `${filled} ${words.kept.replace("%s", kept)}` : filled);
};

const copyDay = (from, to) => fill(rowsOf().map((row) => [cellsOf(row)[from], cellsOf(row)[to]]));

const focus = (input) => {
  const day = document.getElementById(`shown-${dayOf(input)}`);
  if (day) day.checked = true;
  input.focus();
  input.select();
};

const actions = {
  right: (input) => fill(cellsOf(input.closest("tr")).slice(dayOf(input) + 1, FRIDAY + 1).map((to) => [input, to])),
  weekdays: (input) =>
    fill(cellsOf(input.closest("tr")).slice(0, FRIDAY + 1).filter((to) => to !== input).map((to) => [input, to])),
  day: (input, to) => copyDay(dayOf(input), Number(to)),
  next: (input) => {
    const to = cellsOf(input.closest("tr"))[dayOf(input) + 1];
    if (!to) return;
    copyDay(dayOf(input), dayOf(to));
    if (to.offsetParent || hours.querySelector(".days").offsetParent) focus(to);
  },
};

const act = (name, to) => {
  if (!cell?.isConnected) {
    say(words.chooseFirst);
    return;
  }
  const input = cell;
  whenRead(input, () => actions[name](input, to));
};

// -- time is added ----------------------------------------------------------------------------------------------------

// What the server writes into a cell, and an empty one. All else it reads first.
const minutesIn = (text) => {
  const clock = /^(\d{0,2}):([0-5]\d)$/.exec(text);
  if (clock) return 60 * Number(clock[1]) + Number(clock[2]);
  if (text === "") return 0;
  return /^\d{1,2}([.,]\d+)?$/.test(text) && Number.parseFloat(text) <= 24 ? Math.round(60 * Number(text.replace(",", "."))) : null;
};

const add = (input, more) => {
  const minutes = minutesIn(input.value.trim());
  if (minutes === null) {
    whenRead(input, () => { if (minutesIn(input.value) !== null) add(input, more); });
    return;
  }
  const sum = minutes + more;
  put([{ id: input.id, text: `${Math.floor(sum / 60)}:${String(sum % 60).padStart(2, "0")}` }]);
  focus(input);
};

const addTime = (more) => {
  if (!cell?.isConnected || !isOpen(cell)) say(cell?.isConnected ? words.takesNone : words.chooseFirst);
  else add(cell, more);
};

const typeColon = () => {
  if (!cell?.isConnected || !isOpen(cell)) return;
  if (document.activeElement !== cell) cell.focus();
  cell.setRangeText(":", cell.selectionStart, cell.selectionEnd, "end");
  cell.dispatchEvent(new Event("input", { bubbles: true }));
};

// -- keys and buttons -------------------------------------------------------------------------------------------------

const KEYS = { ">": "right", "*": "weekdays", "=": "next" }; // no duration has them

grid.addEventListener("keydown", (event) => {
  if (!isCell(event.target) || !(event.key in KEYS) || event.ctrlKey || event.metaKey || event.isComposing) return;
  event.preventDefault();
  act(KEYS[event.key]);
});

verbs.addEventListener("mousedown", (event) => event.preventDefault()); // the caret and the phone's keyboard stay

verbs.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const { verb, day, more, colon } = button.dataset;
  if (verb) act(verb, day);
  if (more) addTime(Number(more));
  if (colon !== undefined) typeColon();
  const menu = button.closest("details");
  if (!menu) return;
  menu.open = false;
  if (verb !== "next") cell?.focus();
});
