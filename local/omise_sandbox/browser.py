"""What a payer's browser or phone opens: the QR code, the pay page, the 3-D Secure challenge.

No key opens these. As with Omise, the addresses of the image and of the challenge can't be
guessed; the pay page is the sandbox's own.
"""

import hmac
from typing import Final

from aiohttp import web

from local.omise_sandbox.charge import Charge
from local.omise_sandbox.errors import OmiseError, not_found
from local.omise_sandbox.pages import challenge_page, payment_page
from local.omise_sandbox.qr import promptpay_payload, svg_image
from local.omise_sandbox.sandbox import Sandbox

_PAGE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; img-src *; style-src 'unsafe-inline'; frame-ancestors *"
    ),
    "X-Content-Type-Options": "nosniff",
}


class BrowserPages:
    """HTTP handlers for the payer's side.

    Parameters
    ----------
    sandbox
        Whose charges are paid.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        image = "/charges/{charge}/documents/{document}/downloads/{key}"
        return [
            web.get(image, self.qr_code),
            web.get("/payments/{payment}/authorize", self.challenge),
            web.post("/payments/{payment}/authorize", self.answer_challenge),
            web.get("/__sandbox/pay/{charge}", self.payment),
        ]

    async def qr_code(self, request: web.Request) -> web.Response:
        """Serve a PromptPay charge's QR code; the ``Link`` header leads to the pay page.

        A browser that opens the image in a tab of its own gets to the pay page: no phone can scan
        this code, so that is how a tester pays.
        """
        charge = self._sandbox.charges.retrieve(request.match_info["charge"])
        if not hmac.compare_digest(charge.download_key or "", request.match_info["key"]):
            raise not_found("document", request.match_info["document"])
        if request.headers.get("Sec-Fetch-Dest") == "document":
            raise web.HTTPSeeOther(f"/__sandbox/pay/{charge.id}")
        return web.Response(
            body=svg_image(promptpay_payload(charge.id, charge.amount)),
            content_type="image/svg+xml",
            headers={
                "Cache-Control": "no-store",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Link": f'</__sandbox/pay/{charge.id}>; rel="payment"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def payment(self, request: web.Request) -> web.Response:
        """Show the pay page."""
        charge = self._sandbox.charges.retrieve(request.match_info["charge"])
        uri = self._sandbox.documents.download_uri(charge) if charge.source else None
        return _html(payment_page(charge, uri))

    async def challenge(self, request: web.Request) -> web.Response:
        """Show the 3-D Secure challenge, or go back to the shop if it was answered."""
        charge = self._sandbox.charges.by_authorize_id(request.match_info["payment"])
        if charge.status != "pending" or charge.authorized:
            raise _back_to_shop(charge)
        return _html(challenge_page(charge))

    async def answer_challenge(self, request: web.Request) -> web.Response:
        """Take the answer and go back to the shop; a second answer changes nothing."""
        outcome = (await request.post()).get("outcome")
        if outcome not in {"pass", "fail"}:
            raise OmiseError("bad_request", "outcome is neither pass nor fail")
        charge = self._sandbox.charges.by_authorize_id(request.match_info["payment"])
        if charge.status == "pending" and not charge.authorized:
            self._sandbox.charges.answer_challenge(
                request.match_info["payment"], passed=outcome == "pass"
            )
        raise _back_to_shop(charge)


def _html(page: str) -> web.Response:
    return web.Response(text=page, content_type="text/html", headers=_PAGE_HEADERS)


def _back_to_shop(charge: Charge) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(charge.return_uri or "/")
