// Tells the API who is asking: CloudFront's own address is all that it would see. What a client
// claims in this header is overwritten.
function handler(event) {
  var request = event.request;
  request.headers["__HEADER__"] = { value: event.viewer.ip };
  return request;
}
