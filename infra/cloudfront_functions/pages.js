// Answers the console's own pages with its one document; any other path stays as it is, so that
// what is not there is not there. PAGES comes from web/hosting.json.
var PAGES = __PAGES__;

function handler(event) {
  var request = event.request;
  var first = request.uri.split("/")[1];
  if (PAGES.indexOf(first) >= 0 && request.uri.indexOf(".") < 0) request.uri = "/index.html";
  return request;
}
