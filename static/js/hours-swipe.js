// On a phone, where one day is shown: a swipe to the left shows the next day, to the right the one before.

const hours = document.getElementById("hours");
const FAR = 60; // pixels
let from = null;

const days = () => [...hours.querySelectorAll(".days input")];

hours.addEventListener("touchstart", ({ touches }) => {
  const [touch] = touches;
  from = touches.length === 1 && touch.target !== document.activeElement ? touch : null; // there it moves the caret
}, { passive: true });

hours.addEventListener("touchend", ({ changedTouches }) => {
  if (!from || hours.querySelector(".days").offsetParent === null) return;
  const right = changedTouches[0].clientX - from.clientX;
  const down = changedTouches[0].clientY - from.clientY;
  from = null;
  if (Math.abs(right) < FAR || Math.abs(right) < 2 * Math.abs(down)) return; // a tap, or scrolling
  const all = days();
  const shown = all.findIndex((day) => day.checked);
  const next = all[shown + (right < 0 ? 1 : -1)];
  if (!next) return;
  if (hours.contains(document.activeElement)) document.activeElement.blur(); // what was typed is sent before its day goes
  next.checked = true;
  document.getElementById("spoken").textContent = next.labels[0].querySelector("span").textContent;
}, { passive: true });
