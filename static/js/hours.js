// The week's grid: htmx sends each cell when it changes; this keeps what it cannot send.
// A cell's <td> is .saving, .saved or .failed. The input's default value is what the server holds, data-tag is the state
// of the entry that the page knows. What is typed and not saved also lives in the browser's storage, per person and week,
// so that it is there after a reload; it goes when it is saved, and when the person signs out (signout.js).
// Each edit has an id. One whose answer was lost is sent again as it was, before what was typed since: the server knows
// it by its id, writes it once, and answers with the state that the next edit builds on.

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

const typed = new Set(); // the ids of inputs that were typed into since they were last sent
const edits = new Map(); // the edit of a cell that was sent and has no answer yet, by the id of its input

const draftOf = (input) => ({
  text: input.value,
  tag: input.dataset.tag,
  note: input.dataset.noteDraft,
  sent: edits.get(input.id),
});
const keepDraft = (input) => keep((all) => { all[input.id] = draftOf(input); });
const dropDraft = (input) => keep((all) => { delete all[input.id]; });

// crypto.randomUUID is only there over HTTPS.
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const editOf = (input) => {
  if (!edits.has(input.id)) {
    const { tag, noteDraft } = input.dataset;
    edits.set(input.id, { id: uuid(), text: input.value, tag, note: noteDraft });
  }
  return edits.get(input.id);
};

// -- states -----------------------------------------------------------------------------------------------------------

const count = () => {
  document.getElementById("pending").hidden = cells("saving").length === 0;
  const failed = cells("failed").length;
  unsaved.hidden = failed === 0;
  const text = failed === 1 ? words.one : words.many.replace("%s", failed);
  if (failed && unsaved.firstElementChild.textContent !== text) unsaved.firstElementChild.textContent = text;
  if (!failed) reason.textContent = "";
  if (!failedBy("out").length) document.getElementById("signin").hidden = true;
};

const show = (input, state) => {
  const { classList } = input.parentElement;
  classList.remove("saving", "saved", "failed");
  if (state) classList.add(state);
  input.toggleAttribute("aria-invalid", state === "failed");
  if (state === "failed") input.setAttribute("aria-invalid", "true");
  count();
  input.dispatchEvent(new CustomEvent("hours:state", { bubbles: true, detail: { state } }));
};

const sentence = (input) => document.getElementById(`${input.id}-said`);

const takeAway = (said) => {
  const line = said?.closest("tr");
  said?.remove();
  if (line && !line.querySelector(".said")) line.remove();
};

const fail = (input, why) => {
  input.dataset.why = why;
  if (why === "out") document.getElementById("signin").hidden = false;
  reason.textContent = words[why] ?? "";
  keepDraft(input);
  show(input, "failed");
};

const settle = (input, state) => {
  delete input.dataset.why;
  input.removeAttribute("aria-describedby");
  takeAway(sentence(input));
  delete input.dataset.put;
  edits.delete(input.id);
  dropDraft(input);
  show(input, state);
};

// What an earlier page, or this one before its rows were replaced, could not send.
const restore = (input, draft) => {
  input.value = draft.text;
  input.dataset.tag = draft.tag;
  if (draft.note !== undefined) input.dataset.noteDraft = draft.note;
  if (draft.sent) edits.set(input.id, draft.sent);
  fail(input, "away");
};

const send = (input) => {
  show(input, "saving");
  htmx.trigger(input, "change");
};

const retry = (inputs) => inputs.forEach(send);
const failedBy = (...reasons) => cells("failed").filter((input) => reasons.includes(input.dataset.why));
const away = () => failedBy("away");

// The line under a row where the server's sentences stand.
const lineFor = (row) => {
  const next = row.nextElementSibling;
  if (next?.matches(".line")) return next.firstElementChild;
  const line = document.createElement("tr");
  line.className = "line";
  const cell = line.insertCell();
  cell.colSpan = row.cells.length;
  row.after(line);
  return line.firstElementChild;
};

// -- a cell is sent -----------------------------------------------------------------------------------------------

// Kept while it is typed: a window that is closed then fires no change.
hours.addEventListener("input", (event) => {
  const input = event.target;
  if (!isCell(input)) return;
  typed.add(input.id);
  delete input.dataset.put;
  if (isUnchanged(input)) dropDraft(input);
  else keepDraft(input);
});

hours.addEventListener("change", (event) => {
  const input = event.target;
  if (!isCell(input)) return;
  const wasTyped = typed.delete(input.id);
  if (event.isTrusted && !wasTyped) {
    event.stopImmediatePropagation(); // the key that left the cell has sent it
    return;
  }
  if (isUnchanged(input)) return;
  keepDraft(input);
  show(input, "saving");
}, true); // before htmx, which may find at once that it cannot be sent

// A key leaves the cell. A window in the background moves on without a change.
hours.addEventListener("hours:leave", ({ target }) => {
  if (typed.has(target.id)) htmx.trigger(target, "change");
});

// What a verb puts into several cells goes the way of what is typed. `detail.cells` are {id, text}, and `note` where it
// changes; the answer to an edit under way sends what was put since.
hours.addEventListener("hours:put", (event) => {
  for (const { id, text, note } of event.detail.cells) {
    const input = document.getElementById(id);
    input.value = text;
    if (note !== undefined) input.dataset.noteDraft = note;
    if (isUnchanged(input)) continue;
    input.dataset.put = "";
    keepDraft(input);
    if (!input.parentElement.matches(".saving")) send(input);
  }
});

let left = 0; // when the request under way left: there is one at a time
let renewed = 0; // when the person signed in again on this page

hours.addEventListener("htmx:configRequest", (event) => {
  const input = event.detail.elt;
  // The token of the cookie, which is newer than the page's when the person signed in again elsewhere.
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  if (token) event.detail.headers["x-csrftoken"] = token;
  if (!isCell(input)) return;
  if (isUnchanged(input)) {
    event.preventDefault();
    settle(input, input.parentElement.matches(".saved") ? "saved" : ""); // asked for twice, and the first did it
    return;
  }
  if (!navigator.onLine) {
    event.preventDefault(); // it cannot arrive: so there is no doubt later whether it did
    fail(input, "away");
    return;
  }
  const { id, text, tag, note } = editOf(input);
  Object.assign(event.detail.parameters, { [input.name]: text, seen: tag, edit: id });
  if (note !== undefined) event.detail.parameters.note = note;
  left = performance.now();
  keepDraft(input); // with its id, which a reload must not lose
});

const typedSince = (input, edit) =>
  edit !== undefined && (input.value !== edit.text || input.dataset.noteDraft !== edit.note);

// The server's answer to a saved cell: its text, tag and note.
hours.addEventListener("hours:saved", (event) => {
  const input = event.target;
  const { text, tag, note } = event.detail;
  const typedMore = typedSince(input, edits.get(input.id));
  edits.delete(input.id);
  input.defaultValue = text;
  input.dataset.tag = tag;
  input.title = note;
  input.parentElement.classList.toggle("noted", note !== "");
  if (input.dataset.noteDraft?.trim() === note || !text) delete input.dataset.noteDraft;
  if (typedMore) {
    keepDraft(input);
    if (document.activeElement === input && input.dataset.put === undefined) show(input); // leaving it sends the rest
    else send(input);
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

const ANSWERS = [401, 403, 409, 422, 423]; // nothing was written

hours.addEventListener("htmx:afterRequest", (event) => {
  const input = event.detail.elt;
  if (!isCell(input)) return;
  const { status: code } = event.detail.xhr;
  if (code === 200) {
    // Without our header it was no answer to a save.
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) fail(input, "failed");
    return;
  }
  const edit = edits.get(input.id);
  if (ANSWERS.includes(code)) edits.delete(input.id);
  if (code === 401 || code === 403) {
    if (left < renewed) send(input); // it left before they signed in again
    else fail(input, "out");
  } else if (!ANSWERS.includes(code)) fail(input, code === 0 ? "away" : "failed");
  else if (typedSince(input, edit)) send(input); // an older edit was refused: what counts is what stands there now
  else {
    fail(input, "refused");
    input.setAttribute("aria-describedby", `${input.id}-said`);
  }
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
  typed.delete(event.target.id);
  delete event.target.dataset.noteDraft;
  settle(event.target);
  event.target.select();
});

hours.addEventListener("hours:removed", (event) => {
  const row = document.getElementById(`r${event.detail.row}`);
  const next = row?.nextElementSibling;
  if (next?.matches(".line")) setTimeout(() => next.remove()); // the button that asked may stand in it
  for (const input of row?.querySelectorAll("input") ?? []) {
    edits.delete(input.id);
    dropDraft(input);
  }
});

// All rows are replaced when hours are copied: what is typed and not saved moves over.
let moving = {};
hours.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "rows" || event.detail.isError) return;
  const typed = [...hours.querySelectorAll("td > input")].filter((input) => !isUnchanged(input));
  moving = Object.fromEntries(typed.map((input) => [input.id, draftOf(input)]));
});

hours.addEventListener("htmx:afterSwap", () => {
  for (const [id, draft] of Object.entries(moving)) {
    const input = document.getElementById(id);
    if (input && isUnchanged(input) && input.value !== draft.text) restore(input, draft);
  }
  moving = {};
  count();
});

// -- again, and leaving -----------------------------------------------------------------------------------------------

document.getElementById("retry").addEventListener("click", () => retry(cells("failed")));
addEventListener("online", () => retry(away()));
hours.addEventListener("hours:renewed", () => {
  renewed = performance.now();
  retry(cells("failed")); // also what was refused while somebody else was signed in
});

addEventListener("beforeunload", (event) => {
  const { activeElement } = document;
  const isTyping = isCell(activeElement) && !isUnchanged(activeElement);
  if (isTyping || cells("saving").length || cells("failed").length) event.preventDefault();
});

document.getElementById("submit")?.addEventListener("submit", (event) => {
  if (!cells("saving").length && !cells("failed").length) return;
  event.preventDefault();
  reason.textContent = words.beforeSubmit;
  cells("failed")[0]?.focus();
});

const isSaved = (input, { text, note }) => text.trim() === input.defaultValue && (note ?? input.title).trim() === input.title;

// What an earlier visit could not send: shown as not saved, and sent again.
const held = document.getElementById("held");
for (const [id, draft] of Object.entries(drafts())) {
  const input = document.getElementById(id);
  if (input?.readOnly && !isSaved(input, draft)) {
    held.firstElementChild.append(`${held.hidden ? " " : "; "}${input.getAttribute("aria-label")}: ${draft.text || "–"}`);
    held.hidden = false;
    continue; // it is sent once the day is open again
  }
  if (!input || input.disabled || isSaved(input, draft)) {
    keep((all) => { delete all[id]; });
    continue;
  }
  restore(input, draft);
}
if (away().length) {
  if (document.readyState === "complete") retry(away());
  else addEventListener("load", () => retry(away()));
}

document.getElementById("forget").addEventListener("click", () => {
  keep((all) => {
    for (const id of Object.keys(all)) if (document.getElementById(id)?.readOnly) delete all[id];
  });
  held.hidden = true;
});

// Other weeks of this person that hold something: a link to each, where it is sent.
const elsewhere = document.getElementById("elsewhere");
const prefix = `${STORE}${hours.dataset.member}.`;
const weeks = () => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix) && key !== store);
  } catch {
    return [];
  }
};
for (const week of weeks().map((key) => key.slice(prefix.length)).sort()) {
  const link = document.createElement("a");
  link.href = `../${week}/`;
  link.textContent = week;
  elsewhere.append(" ", link);
  elsewhere.hidden = false;
}
