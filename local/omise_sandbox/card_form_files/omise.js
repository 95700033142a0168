// Stands in for https://cdn.omise.co/omise.js: the same interface, served by the sandbox.
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const FRAME_ID = "omise-checkout-iframe-app";
  const CLOSING_MS = 250; // the form fades out before onFormClosed, as Omise's does
  let frame = null;
  let isLoaded = false;
  let defaults = {};
  let current = {};
  let opener = null;
  let publicKey = null;
  let finishClosing = null;

  function createFrame() {
    frame = document.createElement("iframe");
    frame.id = FRAME_ID;
    frame.title = "Omise";
    frame.src = `${origin}/pay.html`;
    frame.onload = () => {
      isLoaded = true;
    };
    frame.style.display = "none";
    document.body.append(frame);
    window.addEventListener("message", receive);
  }

  function receive(event) {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const { onCreateTokenSuccess } = current;
    if (event.data.kind === "token") {
      current = {};
      onCreateTokenSuccess?.(event.data.token, false);
    }
    close();
  }

  function configure(settings) {
    defaults = { ...defaults, ...settings };
    if (!frame) createFrame();
    return defaults;
  }

  function open(settings = {}) {
    if (!frame) return false;
    if (isLoaded) show(settings);
    else frame.addEventListener("load", () => show(settings), { once: true });
    return true;
  }

  function show(settings) {
    finishClosing?.();
    current = { ...defaults, ...settings };
    opener = document.activeElement;
    const plain = Object.entries(current).filter(([, value]) => typeof value !== "function");
    frame.style.display = "block";
    frame.focus();
    frame.contentWindow.postMessage({ kind: "show", settings: Object.fromEntries(plain) }, origin);
  }

  function close() {
    const { onFormClosed } = current;
    const timer = setTimeout(() => finishClosing?.(), CLOSING_MS);
    // Also at once, when it is opened again meanwhile: the old form must not close the new one.
    finishClosing = () => {
      clearTimeout(timer);
      finishClosing = null;
      frame.style.display = "none";
      opener?.focus();
      onFormClosed?.(frame);
    };
    return true;
  }

  async function createToken(kind, attributes, handler) {
    const response = await fetch(`${origin}/tokens`, {
      method: "POST",
      headers: {
        Authorization: `Basic ${btoa(`${publicKey}:`)}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ [kind]: attributes }),
    });
    handler(response.status, await response.json());
  }

  window.OmiseCard = { configure, open, close };
  window.Omise = {
    setPublicKey: (key) => {
      publicKey = key;
      return key;
    },
    createToken,
  };
})();
