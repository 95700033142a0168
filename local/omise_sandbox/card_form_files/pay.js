// The card form inside the iframe: card in, token out, to the page that opened it.
(() => {
  const form = document.getElementById("card");
  const error = document.getElementById("error");
  const submit = document.getElementById("submit");
  let shop = null;
  let publicKey = "";

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data.kind !== "show") return;
    const { settings } = event.data;
    shop = event.origin;
    publicKey = settings.publicKey;
    document.getElementById("label").textContent = settings.frameLabel ?? "Omise";
    document.getElementById("description").textContent = settings.frameDescription ?? "";
    submit.textContent = settings.submitLabel ?? "Pay";
    submit.disabled = false;
    error.textContent = "";
    form.reset();
    form.hidden = false;
    form.elements.number.focus();
  });

  // Out of sight until it is shown again: what is typed earlier would be reset.
  const tell = (message) => {
    form.hidden = true;
    window.parent.postMessage(message, shop);
  };
  document.getElementById("close").addEventListener("click", () => tell({ kind: "closed" }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !form.hidden) tell({ kind: "closed" });
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    const response = await fetch("/tokens", {
      method: "POST",
      headers: {
        Authorization: `Basic ${btoa(`${publicKey}:`)}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ card: cardOf(new FormData(form)) }),
    });
    const answer = await response.json();
    submit.disabled = false;
    error.textContent = response.ok ? "" : answer.message;
    if (response.ok) tell({ kind: "token", token: answer.id });
  });

  function cardOf(fields) {
    const [month, year] = String(fields.get("expiry")).split("/");
    return {
      name: fields.get("name"),
      number: fields.get("number"),
      expiration_month: Number(month),
      expiration_year: 2000 + Number(year),
      security_code: fields.get("security_code"),
    };
  }
})();
