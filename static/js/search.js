// The search in the head of the page: htmx fills the list while one types, this opens it and moves in it.
// `/` and Ctrl+K go to the field; arrows choose, Enter opens, Escape closes. The pattern: an editable combobox.

const form = document.querySelector("[data-search]");
const input = form?.querySelector("input");
const list = form?.querySelector("[role=listbox]");
const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
const active = () => list.querySelector("[aria-selected=true]");

const open = (isOpen) => {
  list.hidden = !isOpen;
  input.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) choose(null);
};

const choose = (option) => {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
};

const move = (step) => {
  const all = options();
  if (!all.length) return;
  const at = all.indexOf(active());
  choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
};

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

const hasLetterKeys = !("noLetterKeys" in document.body.dataset);

const isAsked = (event) => {
  const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  const isSlash = hasLetterKeys && event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
  return (isK || isSlash) && !document.querySelector("dialog[open]");
};

if (form) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || !isAsked(event)) return;
    event.preventDefault();
    if (input.checkVisibility()) {
      input.focus();
      input.select();
    } else {
      location.assign(form.action);
    }
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // of a search field it empties the field too: first the list closes
      open(false);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden && list.childElementCount) open(true);
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !list.hidden && active()) {
      event.preventDefault();
      location.assign(active().href);
    }
  });

  input.addEventListener("input", () => {
    if (!input.value.trim()) {
      list.replaceChildren();
      open(false);
    }
  });

  input.addEventListener("focus", () => list.childElementCount && input.value.trim() && open(true));
  form.addEventListener("focusout", (event) => !form.contains(event.relatedTarget) && open(false));
  // A press on an option must not take the focus from the field: the list would close under it.
  list.addEventListener("mousedown", (event) => event.preventDefault());

  form.addEventListener("htmx:afterSwap", () => {
    if (document.activeElement === input) open(list.childElementCount > 0 && input.value.trim() !== "");
  });
}
