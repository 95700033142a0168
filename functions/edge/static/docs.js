/* global SwaggerUIBundle */
// The API is where this page is, below whatever stage or domain that may be.
const base = new URL('.', document.baseURI).href.replace(/\/$/, '');

fetch(`${base}/v1/openapi.json`)
  .then((answer) => answer.json())
  .then((spec) => SwaggerUIBundle({
    spec: { ...spec, servers: [{ url: base }] },
    dom_id: '#reference',
    deepLinking: true,
    tryItOutEnabled: true,
    // A token must not outlive the page.
    persistAuthorization: false,
    validatorUrl: null,
  }));
