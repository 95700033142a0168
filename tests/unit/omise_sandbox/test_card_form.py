"""The sandbox's omise.js, its form, and the QR code as browsers open them."""

import pytest
import requests

from tests.unit.omise_sandbox.running import TIMEOUT_SECONDS, Gateway


def fetch(gateway: Gateway, path: str, **headers: str) -> requests.Response:
    """Get something as a browser does, without following it."""
    url = path if path.startswith("http") else f"{gateway.url}{path}"
    return requests.get(url, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/omise.js", "text/javascript"),
        ("/pay.html", "text/html"),
        ("/pay.js", "text/javascript"),
        ("/pay.css", "text/css"),
    ],
)
def test_the_form_comes_in_files_of_its_own(gateway: Gateway, path: str, content_type: str) -> None:
    """Given a shop elsewhere, when its page loads omise.js, then it may, and nothing is inline."""
    answer = fetch(gateway, path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(content_type)
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_omise_js_has_the_interface_of_omises(gateway: Gateway) -> None:
    """Given omise.js, when it is read, then it offers what shops call."""
    script = fetch(gateway, "/omise.js").text

    assert "window.OmiseCard = { configure, open, close }" in script
    assert "window.Omise = {" in script


def test_a_qr_code_in_a_tab_of_its_own_can_be_paid(gateway: Gateway) -> None:
    """Given a QR code, when a person opens it in a tab, then they get to a button that pays it."""
    charge = gateway.promptpay_charge()
    source = charge["source"]
    assert isinstance(source, dict)
    code = source["scannable_code"]["image"]["download_uri"]

    opened = fetch(gateway, code, **{"Sec-Fetch-Dest": "document"})
    embedded = fetch(gateway, code, **{"Sec-Fetch-Dest": "image"})

    assert opened.headers["Location"] == f"/__sandbox/pay/{charge['id']}"
    assert embedded.headers["Content-Type"].startswith("image/svg+xml")
