// input[data-week] gets a button that opens a calendar of weeks: a row for each month, a year at a time. Arrows move, Page Up
// and Page Down change the year, Enter chooses, Escape closes. What is typed stays the server's to read: "W47", "47", a day.

const words = document.getElementById("week-picker").dataset;
const language = document.documentElement.lang || "en";
const dayText = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const monthText = new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" });
const letter = words.week.replace("#", ""); // of a week: W, in French S
const DAY = 86_400_000;

const monday = (date) => new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * DAY);
const thursday = (week) => new Date(week.getTime() + 3 * DAY);
const firstOf = (year) => monday(new Date(Date.UTC(year, 0, 4)));
const yearOf = (week) => thursday(week).getUTCFullYear();
const numberOf = (week) => Math.round((week - firstOf(yearOf(week))) / (7 * DAY)) + 1;
const written = (week) => `${yearOf(week)}-${letter}${String(numberOf(week)).padStart(2, "0")}`;
const spoken = (week) => dayText.formatRange(week, new Date(week.getTime() + 6 * DAY));
const today = monday(new Date(`${words.today}T00:00:00Z`));

const read = (text) => {
  const found = /^(\d{4})-[WS](\d{2})$/.exec(text.trim());
  return found ? new Date(firstOf(Number(found[1])).getTime() + (Number(found[2]) - 1) * 7 * DAY) : null;
};

const made = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

const popup = made("div", { class: "weekpop", popover: "auto", role: "dialog", "aria-label": words.choose });
let input, opener, current;

const weekButton = (week) => {
  const number = words.week.replace("#", numberOf(week));
  const button = made(
    "button",
    { type: "button", tabindex: "-1", "data-value": written(week), "aria-label": `${number}, ${spoken(week)}` },
    String(numberOf(week)),
  );
  if (week.getTime() === today.getTime()) button.setAttribute("aria-current", "date");
  return made("td", { role: "gridcell", "aria-selected": String(written(week) === input.value) }, button);
};

const grid = (year) => {
  const rows = Array.from({ length: 12 }, (_, month) => {
    const name = monthText.format(new Date(Date.UTC(year, month, 1)));
    return made("tr", { role: "row" }, made("th", { scope: "row", role: "rowheader" }, name));
  });
  for (let week = firstOf(year); yearOf(week) === year; week = new Date(week.getTime() + 7 * DAY)) {
    rows[thursday(week).getUTCMonth()].append(weekButton(week));
  }
  return made("table", { role: "grid", "aria-label": String(year) }, made("tbody", {}, ...rows));
};

const step = (sign, label, arrow) => made("button", { type: "button", "data-year": sign, "aria-label": label }, arrow);

const show = (week) => {
  current = week;
  const year = yearOf(week);
  const title = made("b", { "aria-live": "polite" }, String(year));
  const head = made("div", { class: "weekpop-head" }, step(-1, words.before, "←"), title, step(1, words.after, "→"));
  popup.replaceChildren(head, grid(year), made("p", {}, spoken(week)));
  const chosen = popup.querySelector(`[data-value="${written(week)}"]`);
  chosen.tabIndex = 0;
  return chosen;
};

const move = (week) => show(week).focus();

const inRow = (offset) => {
  const rows = [...popup.querySelectorAll("tr")];
  const row = rows.findIndex((row) => row.querySelector("[tabindex='0']"));
  const column = [...rows[row].cells].findIndex((cell) => cell.querySelector("[tabindex='0']"));
  const other = rows[row + offset];
  if (!other) return new Date(current.getTime() + offset * 4 * 7 * DAY);
  return read(other.cells[Math.min(column, other.cells.length - 1)].firstChild.dataset.value);
};

// The same number a year on; the last week where that year has no 53rd.
const inYear = (offset) => {
  const year = yearOf(current) + offset;
  const week = new Date(firstOf(year).getTime() + (numberOf(current) - 1) * 7 * DAY);
  return yearOf(week) === year ? week : new Date(week.getTime() - 7 * DAY);
};

const MOVES = {
  ArrowLeft: () => new Date(current.getTime() - 7 * DAY),
  ArrowRight: () => new Date(current.getTime() + 7 * DAY),
  ArrowUp: () => inRow(-1),
  ArrowDown: () => inRow(1),
  PageUp: () => inYear(-1),
  PageDown: () => inYear(1),
};

const place = () => {
  const box = input.getBoundingClientRect();
  const rightmost = document.documentElement.clientWidth - popup.offsetWidth - 8;
  const lowest = innerHeight - popup.offsetHeight - 8;
  popup.style.left = `${Math.max(8, Math.min(box.left, rightmost))}px`;
  popup.style.top = `${Math.max(8, Math.min(box.bottom + 4, lowest))}px`;
};

const open = (field, button) => {
  [input, opener] = [field, button];
  button.after(popup); // within its menu, if it is in one: what has the focus there keeps that open
  show(read(field.value) ?? today);
  popup.showPopover();
  place();
  move(current);
};

popup.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.stopPropagation(); // the menu around it stays open
    event.preventDefault();
    popup.hidePopover();
    opener.focus();
    return;
  }
  if (!MOVES[event.key] || !event.target.closest("[data-value]")) return;
  event.preventDefault();
  move(MOVES[event.key]());
});

popup.addEventListener("click", (event) => {
  const { year, value } = event.target.closest("button")?.dataset ?? {};
  if (year) {
    show(inYear(Number(year)));
    popup.querySelector(`[data-year="${year}"]`).focus();
  }
  if (!value) return;
  input.value = value;
  popup.hidePopover();
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

popup.addEventListener("toggle", (event) => opener.setAttribute("aria-expanded", String(event.newState === "open")));

const enhance = (root) => {
  for (const field of root.querySelectorAll("input[data-week]:not(.weekbox > input)")) {
    const box = made("span", { class: "weekbox" });
    const button = made("button", {
      type: "button",
      class: "weekpick",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      "aria-label": words.choose,
    });
    // Before unsaved.js looks at the form: this is no change of somebody's.
    for (const name of ["defaultValue", "placeholder"]) {
      const week = read(field[name]);
      if (week) field[name] = written(week);
    }
    field.replaceWith(box);
    box.append(field, button);
    button.addEventListener("click", () => open(field, button));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || !event.altKey) return;
      event.preventDefault();
      open(field, button);
    });
  }
};

document.addEventListener("htmx:load", (event) => enhance(event.target));
enhance(document);
