// What htmx could not do, said in words: the sentences are translated on <template id="trouble">. A part of the page that
// shows its own failure stops the event (the hours grid does).

const words = document.getElementById("trouble").dataset;

const say = (text) => {
  const messages = document.getElementById("messages");
  const message = document.createElement("p");
  message.className = "message error";
  message.textContent = text;
  messages.replaceChildren(message);
  message.scrollIntoView({ block: "nearest" });
};

document.addEventListener("htmx:sendError", () => say(words.offline));
document.addEventListener("htmx:timeout", () => say(words.offline));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  say(status === 401 || status === 403 ? words.refused : words.failed);
});
