// Rows with a box: how many are chosen, all that are shown at once, a range with Shift. The bar of what can be done with
// them is hidden while none is; without this script it always stands there.

const bar = document.getElementById("chosen");
const all = document.querySelector("[data-choose-all]");
const boxes = () => [...document.querySelectorAll("input[data-choose]")];
let last = null;

const count = () => {
  const every = boxes();
  const chosen = every.filter((box) => box.checked).length;
  if (!bar) return; // a list without anything in it
  const words = bar.querySelector("[data-count]");
  words.textContent = chosen === 1 ? words.dataset.one : words.dataset.many.replace("#", chosen);
  bar.hidden = chosen === 0;
  if (!all) return;
  all.checked = chosen > 0 && chosen === every.length;
  all.indeterminate = chosen > 0 && chosen < every.length;
};

const choose = (checked) => {
  for (const box of boxes()) box.checked = checked;
  count();
};

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[data-choose]");
  if (!box) return;
  const every = boxes();
  if (event.shiftKey && last && every.includes(last)) {
    const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
    for (const other of every.slice(from, to + 1)) other.checked = box.checked;
  }
  last = box;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-choose]")) count();
  if (event.target === all) choose(all.checked);
});

document.addEventListener("choose", count);
document.addEventListener("htmx:afterSettle", count);

const none = bar?.querySelector("[data-choose-none]");
if (none) none.hidden = false;
none?.addEventListener("click", (event) => {
  event.preventDefault();
  choose(false);
});

if (all) all.closest("label").hidden = false;
count();
