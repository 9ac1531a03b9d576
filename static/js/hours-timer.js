// The timer in the head of the week: counts on the page what the server started, and shows in the grid what it landed.

const hours = document.getElementById("hours");
let since = 0;

const tick = () => {
  const timer = document.getElementById("timer");
  const clock = timer?.querySelector("[data-elapsed]");
  if (!clock) return;
  const minutes = Math.floor((Date.now() - since) / 60000);
  const text = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  if (clock.textContent !== text) clock.textContent = text;
};

const begin = () => {
  const timer = document.getElementById("timer");
  const clock = timer.querySelector("[data-elapsed]");
  if (clock) since = Date.now() - 1000 * Number(clock.dataset.elapsed);
  for (const row of hours.querySelectorAll("tr.timing")) row.classList.remove("timing");
  document.getElementById(`r${timer.dataset.row}`)?.classList.add("timing");
  tick();
};

hours.addEventListener("hours:landed", (event) => {
  const { id, text, tag, note } = event.detail;
  const input = document.getElementById(id);
  if (!input) {
    location.reload(); // its row is not on this page
    return;
  }
  // What is typed there and not saved stays, with the state that its writer saw: saving it asks which one to keep.
  if (input.value.trim() !== input.defaultValue) return;
  input.value = input.defaultValue = text;
  input.dataset.tag = tag;
  input.title = note;
  input.parentElement.classList.add("saved");
});

hours.addEventListener("htmx:afterSettle", begin);
document.addEventListener("visibilitychange", tick);
setInterval(tick, 5000);
begin();
