// A row by a few letters: #find looks for platforms and campaigns of the two lists under it, any words in any order.
// Arrows and Enter choose, or a click; what is chosen is sent by the lists' own form. Where there are so many that they
// are no lists but texts, one types into these.

const panel = document.getElementById("addrow");
const find = document.getElementById("find");
const list = document.getElementById("found");
const MOST = 8;

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const form = panel?.querySelector("form.newrow");
const areLists = Boolean(form?.elements.platform?.options && form.elements.campaign?.options);
const options = (name) => [...form.elements[name].options].filter((option) => option.value);

const pairs = () =>
  options("platform").flatMap((platform) =>
    options("campaign").map((campaign) => ({
      platform,
      campaign,
      folded: ` ${fold(`${platform.text} ${campaign.text}`)}`,
      isShown: document.getElementById(`r${platform.value}-${campaign.value}`) !== null,
    })),
  );

// Words that begin a word count more than those found inside one.
const rank = ({ folded }, words) => words.filter((word) => folded.includes(` ${word}`)).length;

const matches = (text) => {
  const words = fold(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return pairs()
    .filter((pair) => !pair.isShown && words.every((word) => pair.folded.includes(word)))
    .sort((one, other) => rank(other, words) - rank(one, words))
    .slice(0, MOST);
};

const choices = () => [...list.children];
const active = () => list.querySelector("[aria-selected=true]");

const activate = (choice) => {
  for (const one of choices()) one.setAttribute("aria-selected", String(one === choice));
  if (choice) find.setAttribute("aria-activedescendant", choice.id);
  else find.removeAttribute("aria-activedescendant");
};

const choice = ({ platform, campaign }, number) => {
  const item = document.createElement("li");
  item.id = `found-${number}`;
  item.role = "option";
  item.dataset.platform = platform.value;
  item.dataset.campaign = campaign.value;
  const small = document.createElement("small");
  small.textContent = campaign.text;
  item.append(platform.text, " ", small);
  return item;
};

const show = () => {
  const found = matches(find.value);
  list.replaceChildren(...found.map(choice));
  list.hidden = !found.length;
  find.setAttribute("aria-expanded", String(found.length > 0));
  activate(list.firstElementChild);
  document.getElementById("nothing-found").hidden = found.length > 0 || !find.value.trim();
};

const take = (item) => {
  form.elements.platform.value = item.dataset.platform;
  form.elements.campaign.value = item.dataset.campaign;
  find.value = "";
  show();
  form.requestSubmit();
};

const move = (by) => {
  const all = choices();
  if (all.length) activate(all[(all.indexOf(active()) + by + all.length) % all.length]);
};

if (panel) {
  find.closest("p").hidden = !areLists;
  find.addEventListener("input", show);
  find.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.isComposing || !["ArrowDown", "ArrowUp", "Enter", "Escape"].includes(key)) return;
    event.preventDefault();
    if (key === "ArrowDown") move(1);
    if (key === "ArrowUp") move(-1);
    if (key === "Enter" && active()) take(active());
    if (key !== "Escape") return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take(item);
  });
  panel.addEventListener("toggle", () => {
    if (!panel.open) return;
    for (const one of panel.querySelectorAll(".suggestion")) {
      one.hidden = document.getElementById(`r${one.dataset.row}`) !== null;
    }
    (areLists ? find : form.querySelector("input:not([type=hidden]), select")).focus();
  });
}
