// A session that ended is renewed on the page: hours.js shows #signin, this posts the password to the sign-in page in the
// background and says so with hours:renewed. The address is the page's own person: nobody else can sign in here.

const form = document.getElementById("signin");
const problem = form.querySelector("[role=alert]");
const words = form.dataset;
const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];

const errorsIn = ({ form: answer }) =>
  [...(answer?.errors ?? []), ...Object.values(answer?.fields ?? {}).flatMap((field) => field.errors)].join(" ");

// Where a right password leads says whether it was enough: a second factor is asked for on a page of its own.
const whatIsMissing = ({ location = "" }) => {
  if (!location.startsWith("/accounts/")) return "";
  return location.startsWith("/accounts/2fa/") ? words.second : words.failed;
};

const signIn = async () => {
  if (!token()) await fetch(form.action); // the page gives the browser a token
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "XMLHttpRequest", "X-CSRFToken": token() ?? "" },
  });
  if (answer.ok) return whatIsMissing(await answer.json());
  return (answer.status === 400 && errorsIn(await answer.json())) || words.failed;
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  problem.textContent = "";
  try {
    problem.textContent = await signIn();
  } catch {
    problem.textContent = words.away;
  }
  button.disabled = false;
  const password = form.elements.password;
  if (problem.textContent) {
    password.select();
    return;
  }
  password.value = "";
  form.hidden = true;
  document.getElementById("hours").dispatchEvent(new CustomEvent("hours:renewed"));
});
