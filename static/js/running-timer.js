// The timer in the head of the page: counts on, stands in the title, and is the same in every tab of this browser. A tab
// says which timer it shows once it knows; one that shows another asks the server.

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("retour.timer") : null;
const head = () => document.getElementById("running");
const clock = () => head()?.querySelector("[data-elapsed]");
let since = 0;
let prefix = "";

const tick = () => {
  const minutes = Math.floor((Date.now() - since) / 60000);
  const text = clock() ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}` : "";
  if (text && clock().textContent !== text) clock().textContent = text;
  const plain = document.title.startsWith(prefix) ? document.title.slice(prefix.length) : document.title;
  prefix = text && `${text} · `;
  if (document.title !== prefix + plain) document.title = prefix + plain;
};

const begin = () => {
  if (clock()) since = Date.now() - 1000 * Number(clock().dataset.elapsed);
  tick();
};

const announce = () => tabs?.postMessage({ person: head().dataset.person, timer: head().dataset.timer });

// The week has a bar of its own, whose answer brings the head.
const refresh = () => {
  const week = document.getElementById("timer") && document.getElementById("hours").dataset.week;
  const address = week ? `${head().dataset.address}?week=${week}` : head().dataset.address;
  htmx.ajax("GET", address, { target: week ? "#timer" : "#running", swap: "outerHTML" });
};

if (head()) {
  let shown = head().dataset.timer;
  document.addEventListener("htmx:afterSettle", () => {
    if (!head() || head().dataset.timer === shown) return;
    shown = head().dataset.timer;
    begin();
    announce();
  });
  tabs?.addEventListener("message", ({ data }) => {
    if (data.person === head().dataset.person && data.timer !== head().dataset.timer) refresh();
  });
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, 5000);
  begin();
  announce();
}
