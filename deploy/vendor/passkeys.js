// Passkeys: a button asks the browser's authenticator, puts its answer into the button's own form and sends that.
// The options stand on the page as JSON (Web Authentication Level 3, 5.1.8 and 5.1.9); nothing is fetched.

const octets = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0),
);
const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// What has octets in it; parseCreationOptionsFromJSON and toJSON are missing in browsers still in use.
function options(json) {
  const given = JSON.parse(json);
  const named = (list) => (list || []).map((one) => ({ ...one, id: octets(one.id) }));
  given.challenge = octets(given.challenge);
  if (given.user) given.user.id = octets(given.user.id);
  if (given.excludeCredentials) given.excludeCredentials = named(given.excludeCredentials);
  if (given.allowCredentials) given.allowCredentials = named(given.allowCredentials);
  return given;
}

function answer(credential) {
  const said = credential.response;
  const response = { clientDataJSON: text(said.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (said[name]) response[name] = text(said[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function ask(button) {
  const told = document.getElementById(button.dataset.told);
  try {
    const publicKey = options(button.dataset.options);
    const credential = await navigator.credentials[button.dataset.passkey]({ publicKey });
    button.form.elements.passkey.value = answer(credential);
    button.form.submit();
  } catch (refused) {
    if (told) told.textContent = refused.name === "InvalidStateError" ? told.dataset.known : told.dataset.failed;
  }
}

export function passkeys() {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-passkey]").forEach((button) => button.addEventListener("click", () => ask(button)));
}
