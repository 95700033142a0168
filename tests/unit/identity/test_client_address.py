"""Whose address a request has, whoever is in between."""

from __future__ import annotations

import pytest

from identity.adapters.client_address import ClientAddress, ClientAddresses
from kernel.aws.json_api import AwsUnreachableError
from kernel.http import Request

CLOUDFRONT = "192.0.2.1"
VIEWER = "198.51.100.7"
SECRET = "made-up-proof"
PERHAPS_OF_OTHERS = ClientAddress(CLOUDFRONT, is_certain=False)


class Secrets:
    """Stands in for Secrets Manager."""

    def __init__(self, value: str | None) -> None:
        self.value, self.asked = value, 0

    def read(self, arn: str) -> str:
        """Return the secret, or fail."""
        assert arn == "arn:made-up"
        self.asked += 1
        if self.value is None:
            raise AwsUnreachableError("no answer")
        return self.value


def request(**headers: str) -> Request:
    """Make a request by way of CloudFront; `_` stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "POST /v1/auth/login", {}, {}, named, b"", CLOUDFRONT, "corr-1")


def address(secrets: Secrets, secret_arn: str = "arn:made-up", **headers: str) -> ClientAddress:
    """Return the address of a request."""
    return ClientAddresses(secret_arn, secrets.read).of(request(**headers))


@pytest.mark.parametrize("viewer", [VIEWER, "2001:db8::7"])
def test_our_own_distribution_names_the_client(viewer: str) -> None:
    """Given its secret, what it says of the client counts."""
    found = address(Secrets(SECRET), x_origin_proof=SECRET, x_viewer_address=viewer)
    assert found == ClientAddress(viewer, is_certain=True)


@pytest.mark.parametrize("proof", ["", "wrong", "made-up-proof ", "ü"])
def test_without_the_secret_the_header_says_nothing(proof: str) -> None:
    """Given another secret or none, the connection's address counts."""
    headers = {"x_origin_proof": proof, "x_viewer_address": VIEWER}
    assert address(Secrets(SECRET), **headers) == PERHAPS_OF_OTHERS


@pytest.mark.parametrize("named", ["", "unknown", "198.51.100.7:443", "198.51.100.7, 10.0.0.1"])
def test_what_is_no_address_is_none(named: str) -> None:
    """Given the secret with something else, the connection's address counts."""
    found = address(Secrets(SECRET), x_origin_proof=SECRET, x_viewer_address=named)
    assert found == PERHAPS_OF_OTHERS


def test_an_unreadable_secret_makes_counting_coarser_and_logins_no_harder() -> None:
    """Given no answer from Secrets Manager, the connection's address counts."""
    headers = {"x_origin_proof": SECRET, "x_viewer_address": VIEWER}
    assert address(Secrets(None), **headers) == PERHAPS_OF_OTHERS


def test_who_comes_directly_is_who_connects() -> None:
    """Given neither header, there is nobody in between."""
    assert address(Secrets(SECRET)) == ClientAddress(CLOUDFRONT, is_certain=True)


def test_direct_clients_cost_no_look_at_the_secret() -> None:
    """Given no proof, or a stage without the console, nothing is fetched."""
    secrets = Secrets(SECRET)
    address(secrets, x_viewer_address=VIEWER)
    address(secrets, "-", x_origin_proof=SECRET, x_viewer_address=VIEWER)
    assert secrets.asked == 0


@pytest.mark.parametrize(("value", "seconds"), [(SECRET, 300), (None, 30)])
def test_a_secret_is_asked_for_once_in_a_while(value: str | None, seconds: int) -> None:
    """Given one that was read, that is five minutes; one that was not is asked for again sooner."""
    secrets, now = Secrets(value), [0.0]
    addresses = ClientAddresses("arn:made-up", secrets.read, lambda: now[0])
    asked = []
    for now[0] in (0.0, seconds - 1.0, float(seconds)):
        addresses.of(request(x_origin_proof=SECRET, x_viewer_address=VIEWER))
        asked.append(secrets.asked)
    assert asked == [1, 1, 2]
