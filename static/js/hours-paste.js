// A block copied from a spreadsheet and pasted into a cell: shows what goes where before anything is saved. The server
// reads each value as if it were typed and writes nothing; what is confirmed then goes the way of what is typed (hours.js),
// as one step that can be taken back. A single value is pasted by the browser as ever.

const hours = document.getElementById("hours");
const grid = hours.querySelector(".grid");
const dialog = document.getElementById("paste");
const told = document.getElementById("paste-told");
const words = told.dataset;
const save = document.getElementById("paste-save");
const problems = document.getElementById("paste-problems");
const table = dialog.querySelector("table");
const LONGEST = 40; // of a value in a sentence
const MOST_TOLD = 20; // sentences: a whole sheet has thousands of values without a place here
let start = null; // the cell that was pasted into
let block = []; // the values, by row and column
let shown = []; // the values as they were shown last, with what the server said of them
let asked = 0; // the number of the last question: an earlier answer that comes late is left

const isCell = (element) => element.matches("td > input");
const rowsOf = () => [...grid.tBodies[0].rows].filter((row) => !row.matches(".line"));
const cellsOf = (row) => [...row.querySelectorAll("td.day > input")];
const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const read = (text) => text.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/).map((line) => line.split("\t").map((value) => value.trim()));

// Each value of the block with its place: {row, column, text, input}, the input missing where the grid has no such cell.
const placed = () => {
  const rows = rowsOf();
  const top = rows.indexOf(start.closest("tr"));
  const left = cellsOf(rows[top]).indexOf(start);
  return block.flatMap((values, down) => {
    const row = rows[top + down];
    return values.flatMap((text, right) =>
      text ? [{ down, right, text, row, input: row && cellsOf(row)[left + right] }] : []);
  });
};

const element = (name, text, className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
};

// -- what is shown ----------------------------------------------------------------------------------------------------

const isAsSaved = (input) => input.value.trim() === input.defaultValue;
const isTaken = ({ input, answer }) =>
  input && !answer?.refused && !(isAsSaved(input) && answer?.text === input.defaultValue);

const content = (value) => {
  const { input, text, answer } = value;
  const cell = document.createElement("td");
  if (answer?.refused) {
    cell.append(element("s", short(text), "wrong"));
    return cell;
  }
  cell.append(element("b", answer ? answer.text || words.empty : short(text)));
  if (input.value.trim() && isTaken(value)) {
    cell.className = "over";
    cell.append(element("small", words.instead.replace("%s", input.value.trim())));
  }
  return cell;
};

const showTable = (values) => {
  const reached = values.filter(({ input }) => input);
  const days = [...new Set(reached.map(({ input }) => input.parentElement.cellIndex))].sort();
  const heads = days.map((day) => Object.assign(element("th", grid.tHead.rows[0].cells[day].textContent.trim()), { scope: "col" }));
  table.tHead.rows[0].replaceChildren(table.tHead.rows[0].cells[0], ...heads);
  const lines = [...new Set(reached.map(({ row }) => row))].map((row) => {
    const line = document.createElement("tr");
    const head = element("th", row.querySelector("th").innerText.replace(/\s*\n\s*/g, ", "));
    head.scope = "row";
    const at = (day) => reached.find((value) => value.row === row && value.input.parentElement.cellIndex === day);
    line.append(head, ...days.map((day) => (at(day) ? content(at(day)) : document.createElement("td"))));
    return line;
  });
  table.tBodies[0].replaceChildren(...lines);
  table.parentElement.hidden = lines.length === 0;
};

const problem = ({ input, text, row, down, right, answer }) => {
  const item = document.createElement("li");
  if (!input) {
    item.append((row ? words.noDay : words.noRow).replace("%s", short(text)));
    return item;
  }
  item.append(element("b", input.getAttribute("aria-label")), " ", answer.refused);
  if (answer.suggestion) {
    const button = element("button", words.suggestion.replace("%s", answer.suggestion), "link");
    button.type = "button";
    button.addEventListener("click", () => {
      block[down][right] = answer.suggestion;
      preview();
    });
    item.append(" ", button);
  }
  return item;
};

const show = (values) => {
  shown = values;
  const count = values.filter(isTaken).length;
  showTable(values);
  const left = values.filter(({ input, answer }) => !input || answer?.refused);
  problems.replaceChildren(...left.slice(0, MOST_TOLD).map(problem));
  if (left.length > MOST_TOLD) problems.append(element("li", words.more.replace("%s", left.length - MOST_TOLD)));
  save.textContent = count === 1 ? words.saveOne : count ? words.saveMany.replace("%s", count) : words.nothing;
  save.disabled = count === 0;
};

// -- what the server says ---------------------------------------------------------------------------------------------

const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

const ask = async (values) => {
  const body = new FormData();
  body.append("member", hours.dataset.member);
  for (const { input, text } of values) {
    body.append("cell", input.id);
    body.append("text", text);
  }
  const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
  const answer = await fetch("paste", { method: "POST", body, headers, signal: AbortSignal.timeout(15000) });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).cells;
};

// Without an answer: what the page itself knows takes no hours.
const unread = ({ input }) => (input.readOnly || input.disabled ? { refused: words.locked } : undefined);

const preview = async () => {
  const number = (asked += 1);
  const values = placed();
  const reached = values.filter(({ input }) => input);
  shown = [];
  told.textContent = words.reading;
  save.disabled = true;
  let answers = [];
  try {
    answers = reached.length ? await ask(reached) : [];
    told.textContent = words.read;
  } catch (error) {
    if (number !== asked) return;
    const status = Number(error.message);
    told.textContent = status === 401 || status === 403 ? words.out : status ? words.failed : words.away;
    if (status) return;
    answers = reached.map(unread);
  }
  if (number !== asked) return;
  reached.forEach((value, place) => { value.answer = answers[place]; });
  show(values);
  if (dialog.open && !save.disabled) save.focus();
};

grid.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!isCell(event.target) || !/[\t\r\n]/.test(text.replace(/(\r\n|\r|\n)$/, ""))) return;
  event.preventDefault();
  start = event.target;
  block = read(text);
  table.tBodies[0].replaceChildren();
  problems.replaceChildren();
  save.textContent = words.nothing;
  dialog.showModal();
  preview();
});

save.addEventListener("click", () => {
  dialog.close();
  const taken = shown.filter(isTaken).map(({ input, text }) => ({ id: input.id, text }));
  hours.dispatchEvent(new CustomEvent("hours:put", { detail: { cells: taken, step: Symbol("pasted") } }));
});

document.getElementById("paste-cancel").addEventListener("click", () => dialog.close());

dialog.addEventListener("close", () => {
  asked += 1; // an answer that comes now changes nothing
  start?.focus();
});
