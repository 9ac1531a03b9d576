// form[data-autosubmit] is sent when a select, a date or a checkbox in it changes. Its .apply button is for when there is
// no JavaScript, and for text, which waits for Enter.

for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  const typed = form.querySelector("input[type=search], input[type=text], input[type=number]");
  if (!typed) form.querySelector(".apply")?.setAttribute("hidden", "");
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });
}
