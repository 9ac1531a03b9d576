// Signing out forgets, from whatever page, the hours that this browser kept because they could not be saved.

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[action*='logout']")) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("retour.hours.")) localStorage.removeItem(key);
  } catch {
    // storage is forbidden: then nothing was kept either
  }
});
