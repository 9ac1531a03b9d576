// form[data-passkey="create" or "use"] gets its answer from the device (WebAuthn) and sends it in the field "credential".
// What to ask the device stands in the JSON of #passkey-options; without it, the form's own address gives it.
// The form is hidden until it is known that the browser can do this; [data-passkey-cannot] is shown when it cannot.

const canDo = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON && navigator.credentials);

const asked = async (form) => {
  const given = document.getElementById("passkey-options");
  if (given) return JSON.parse(given.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
};

const create = ({ publicKey }, alone) => {
  if (alone) {
    const needed = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    publicKey.authenticatorSelection = { ...publicKey.authenticatorSelection, ...needed };
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
};

const use = ({ publicKey }) =>
  navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });

const answerOfDevice = async (form) => {
  const options = await asked(form);
  return form.dataset.passkey === "create"
    ? create(options.creation_options, form.elements.passwordless?.checked)
    : use(options.request_options);
};

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.hidden = !canDo;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[role=alert]");
    problem.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify(await answerOfDevice(form));
      form.submit();
    } catch {
      problem.textContent = form.dataset.failed; // closed by the person, timed out, or no passkey of theirs here
    }
  });
}
for (const note of document.querySelectorAll("[data-passkey-cannot]")) note.hidden = canDo;
