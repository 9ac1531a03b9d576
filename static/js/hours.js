// The week's grid: htmx sends each cell when it changes; this keeps what it cannot send.
// A cell's <td> is .saving, .saved or .failed. The input's default value is what the server holds, data-tag is the state
// of the entry that the page knows. What is typed and not saved also lives in the browser's storage, per person and week,
// so that it is there after a reload; it goes when it is saved, and when the person signs out.

const hours = document.getElementById("hours");
const status = document.getElementById("status");
const words = status.dataset;
const unsaved = document.getElementById("unsaved");
const reason = document.getElementById("reason");
const STORE = "retour.hours.";
const store = `${STORE}${hours.dataset.member}.${hours.dataset.week}`;

const isUnchanged = ({ value, defaultValue, dataset }) =>
  value.trim() === defaultValue && dataset.why === undefined && dataset.noteDraft === undefined;
const isCell = (element) => element.matches?.("td > input");
const cells = (name) => [...hours.querySelectorAll(`td.${name} > input`)];

// -- what is typed and not saved, in storage ------------------------------------------------------------------------

const drafts = () => {
  try {
    return JSON.parse(localStorage.getItem(store)) ?? {};
  } catch {
    return {}; // storage is full, forbidden or holds something else: the page still keeps the value
  }
};

const keep = (change) => {
  try {
    const all = drafts();
    change(all);
    if (Object.keys(all).length) localStorage.setItem(store, JSON.stringify(all));
    else localStorage.removeItem(store);
  } catch {
    // as above
  }
};

const keepDraft = (input) => keep((all) => { 
  all[input.id] = { text: input.value, tag: input.dataset.tag, note: input.dataset.noteDraft };
});
const dropDraft = (input) => keep((all) => { delete all[input.id]; });

// -- states -----------------------------------------------------------------------------------------------------------

const count = () => {
  const failed = cells("failed").length;
  unsaved.hidden = failed === 0;
  const text = failed === 1 ? words.one : words.many.replace("%s", failed);
  if (failed && unsaved.firstElementChild.textContent !== text) unsaved.firstElementChild.textContent = text;
  if (!failed) reason.textContent = "";
};

const show = (input, state) => {
  const { classList } = input.parentElement;
  classList.remove("saving", "saved", "failed");
  if (state) classList.add(state);
  input.toggleAttribute("aria-invalid", state === "failed");
  if (state === "failed") input.setAttribute("aria-invalid", "true");
  count();
};

const sentence = (input) => document.getElementById(`${input.id}-said`);

const takeAway = (said) => {
  const line = said?.closest("tr");
  said?.remove();
  if (line && !line.querySelector(".said")) line.remove();
};

const fail = (input, why) => {
  input.dataset.why = why;
  reason.textContent = words[why] ?? "";
  keepDraft(input);
  show(input, "failed");
};

const settle = (input, state) => {
  delete input.dataset.why;
  input.removeAttribute("aria-describedby");
  takeAway(sentence(input));
  dropDraft(input);
  show(input, state);
};

const send = (input) => {
  show(input, "saving");
  htmx.trigger(input, "change");
};

const retry = (inputs) => inputs.forEach(send);
const away = () => cells("failed").filter((input) => input.dataset.why === "away");

// The line under a row where the server's sentences stand.
const lineFor = (row) => {
  const next = row.nextElementSibling;
  if (next?.matches(".line")) return next.firstElementChild;
  const line = document.createElement("tr");
  line.className = "line";
  line.innerHTML = '<td colspan="10"></td>';
  row.after(line);
  return line.firstElementChild;
};

// -- a cell is sent -----------------------------------------------------------------------------------------------

hours.addEventListener("change", (event) => {
  const input = event.target;
  if (!isCell(input)) return;
  if (isUnchanged(input)) return;
  keepDraft(input);
  show(input, "saving");
});

hours.addEventListener("htmx:configRequest", (event) => {
  const input = event.detail.elt;
  // The token of the cookie, which is newer than the page's when the person signed in again elsewhere.
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  if (token) event.detail.headers["x-csrftoken"] = token;
  if (!isCell(input)) return;
  if (isUnchanged(input)) {
    event.preventDefault();
    settle(input);
    return;
  }
  event.detail.parameters.seen = input.dataset.tag;
  if (input.dataset.noteDraft !== undefined) event.detail.parameters.note = input.dataset.noteDraft;
  input.dataset.sent = input.value;
});

// The server's answer to a saved cell: its text, tag and note.
hours.addEventListener("hours:saved", (event) => {
  const input = event.target;
  const { text, tag, note } = event.detail;
  const typedMore = input.value !== input.dataset.sent;
  input.defaultValue = text;
  input.dataset.tag = tag;
  input.title = note;
  input.parentElement.classList.toggle("noted", note !== "");
  if (input.dataset.noteDraft?.trim() === note || !text) delete input.dataset.noteDraft;
  if (typedMore) {
    keepDraft(input);
    if (document.activeElement === input) show(input); // leaving the cell sends the rest
    return;
  }
  input.value = text;
  settle(input, "saved");
  retry(away());
});

hours.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (![409, 422, 423].includes(detail.xhr.status)) return;
  const input = detail.requestConfig.elt;
  const row = input.closest("tr.line")?.previousElementSibling ?? input.closest("tr");
  if (!row) return;
  if (isCell(input)) takeAway(sentence(input));
  detail.shouldSwap = true;
  detail.isError = false;
  detail.swapOverride = "beforeend";
  detail.target = lineFor(row);
  if (!isCell(input)) detail.target.replaceChildren();
});

hours.addEventListener("htmx:afterRequest", (event) => {
  const input = event.detail.elt;
  if (!isCell(input)) return;
  const { status: code } = event.detail.xhr;
  if (code === 200) {
    // Without our header it was no answer to a save.
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) fail(input, "failed");
  } else if ([409, 422, 423].includes(code)) {
    fail(input, "refused");
    input.setAttribute("aria-describedby", `${input.id}-said`);
  } else if (code === 401 || code === 403) fail(input, "out");
  else fail(input, code === 0 ? "away" : "failed");
});

// Said here, so not again at the top of the page.
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  hours.addEventListener(name, (event) => {
    if (isCell(event.detail.elt)) event.stopPropagation();
  });
}

// -- what the sentences offer -----------------------------------------------------------------------------------------

hours.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const said = button.closest(".said");
  const input = document.getElementById(said.dataset.cell);
  const { text, tag } = button.dataset;
  if (button.dataset.do === "dismiss") takeAway(said);
  if (button.dataset.do === "take") {
    input.value = text;
    send(input);
  }
  if (button.dataset.do === "keep") {
    input.dataset.tag = tag;
    send(input);
  }
  if (button.dataset.do === "theirs") {
    input.value = input.defaultValue = text;
    input.dataset.tag = tag;
    delete input.dataset.noteDraft;
    settle(input);
  }
  input?.focus();
});

// Escape puts back what was saved, and asks nobody.
hours.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isCell(event.target) || event.target.parentElement.matches(".saving")) return;
  event.target.value = event.target.defaultValue;
  delete event.target.dataset.noteDraft;
  settle(event.target);
  event.target.select();
});

hours.addEventListener("hours:removed", (event) => {
  const row = document.getElementById(`r${event.detail.row}`);
  const next = row?.nextElementSibling;
  if (next?.matches(".line")) setTimeout(() => next.remove()); // the button that asked may stand in it
  for (const input of row?.querySelectorAll("input") ?? []) dropDraft(input);
});

hours.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "rows") {
    event.target.querySelector("tr:last-of-type input:not(:disabled)")?.focus();
    document.getElementById("addrow")?.removeAttribute("open");
  }
  count();
});

// -- again, and leaving -----------------------------------------------------------------------------------------------

document.getElementById("retry").addEventListener("click", () => retry(cells("failed")));
addEventListener("online", () => retry(away()));

addEventListener("beforeunload", (event) => {
  if (cells("saving").length || cells("failed").length) event.preventDefault();
});

document.getElementById("submit")?.addEventListener("submit", (event) => {
  if (!cells("saving").length && !cells("failed").length) return;
  event.preventDefault();
  reason.textContent = words.beforeSubmit;
  cells("failed")[0]?.focus();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[action*='logout']")) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith(STORE)) localStorage.removeItem(key);
});

const isSaved = (input, { text, note }) => text.trim() === input.defaultValue && (note ?? input.title).trim() === input.title;

// What an earlier visit could not send: shown as not saved, and sent again.
for (const [id, draft] of Object.entries(drafts())) {
  const input = document.getElementById(id);
  if (!input || input.readOnly || input.disabled || isSaved(input, draft)) {
    if (!input?.readOnly) keep((all) => { delete all[id]; });
    continue;
  }
  input.value = draft.text;
  input.dataset.tag = draft.tag;
  if (draft.note !== undefined) input.dataset.noteDraft = draft.note;
  fail(input, "away");
}
if (away().length) {
  if (document.readyState === "complete") retry(away());
  else addEventListener("load", () => retry(away()));
}
