// The board of leads: a card is dragged into another column with the pointer, or moved there with Shift and an arrow. Both
// choose the card and send the form of the bar, as its buttons do; what ends a lead asks for the reason first.

const ENDS = ["lost", "disqualified"];
const form = document.getElementById("chosen");
const dialog = document.getElementById("reasons");
const columns = () => [...document.querySelectorAll("#board .column")];
const cards = (column) => [...column.querySelectorAll(".card")];
const boxes = () => [...document.querySelectorAll("input[data-choose]")];
let dragged = null;
let moved = "";

const send = (to) => {
  const field = form.querySelector("[data-to]");
  field.value = to;
  field.disabled = false;
  form.requestSubmit();
  field.disabled = true;
};

// A card that is chosen takes the others that are chosen along; any other goes alone.
const move = (card, status) => {
  if (card.closest(".column").dataset.status === status) return;
  const own = card.querySelector("input[data-choose]");
  if (!own.checked) for (const box of boxes()) box.checked = box === own;
  document.dispatchEvent(new Event("choose"));
  moved = card.id;
  if (ENDS.includes(status)) dialog.showModal();
  else send(status);
};

dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  dialog.close();
  if (button.dataset.reason) send(button.dataset.reason);
});

// -- the pointer

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".card");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
});

document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("#board .column");
  for (const other of columns()) other.classList.toggle("over", other === column);
  if (column) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("#board .column");
  if (!column) return;
  event.preventDefault();
  move(dragged, column.dataset.status);
});

document.addEventListener("dragend", () => {
  dragged = null;
  for (const column of columns()) column.classList.remove("over");
});

// -- the keys

const go = (card, down, right) => {
  const every = columns();
  const column = card.closest(".column");
  const place = cards(column).indexOf(card);
  if (down) return cards(column)[place + down];
  for (let next = every.indexOf(column) + right; every[next]; next += right) {
    const there = cards(every[next]);
    if (there.length) return there[Math.min(place, there.length - 1)];
  }
  return null;
};

const beside = (card, right) => {
  const every = columns();
  return every[every.indexOf(card.closest(".column")) + right];
};

const MOVES = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], j: [1, 0], k: [-1, 0] };

// Who has turned keys of one letter off in the profile has the arrows and Enter alone.
const isOff = ({ key }) => "noLetterKeys" in document.body.dataset && key.length === 1;

const inCard = (event, card) => {
  const step = MOVES[event.key];
  if (event.shiftKey && step?.[1]) {
    const column = beside(card, step[1]);
    if (column) move(card, column.dataset.status);
  } else if (step) {
    go(card, ...step)?.focus();
  } else if (event.key === "Enter") {
    card.querySelector("a").click();
  } else if (event.key === "x") {
    card.querySelector("input[data-choose]").click();
  } else if (event.key === "s") {
    if (form.hidden) card.querySelector("input[data-choose]").click();
    form.querySelector("button:not([hidden])").focus();
  } else {
    return false;
  }
  return true;
};

const help = () => {
  const line = document.getElementById("help");
  line.open = !line.open;
  document.getElementById("spoken").textContent = line.open ? [...line.querySelectorAll("p")].map((one) => one.textContent).join(" ") : "";
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || isOff(event)) return;
  const { activeElement } = document;
  const isFree = activeElement === document.body || activeElement.id === "main";
  const card = activeElement.closest(".card");
  const isOnCard = card === activeElement;
  if (event.key === "?" && (isFree || card)) {
    event.preventDefault();
    help();
  } else if (isOnCard) {
    if (inCard(event, card)) event.preventDefault();
  } else if (isFree && event.key === "j") {
    event.preventDefault();
    document.querySelector("#board .card")?.focus();
  }
});

// The first card can be reached with Tab; the arrows go on from there.
const reachable = () => {
  const first = document.querySelector("#board .card");
  if (first) first.tabIndex = 0;
};

document.addEventListener("htmx:afterSettle", () => {
  reachable();
  // Who has gone on to another card meanwhile stays there.
  if (moved && !document.activeElement.closest(".card")) document.getElementById(moved)?.focus();
  moved = "";
});

reachable();
