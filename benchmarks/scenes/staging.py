"""Brings an event and its world together."""

from __future__ import annotations

import copy
import hmac
import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.lambdas import SETTINGS, Event, Lambda
from benchmarks.scenes import billing, identity, workflows
from benchmarks.stub.client import Stub
from benchmarks.stub.scene import Scene
from kernel import clock

_PRIVATE_KEY: Final = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


def staged(stub: Stub, function: Lambda, name: str) -> Event:
    """Show an event's world, and return the event, valid for now.

    Parameters
    ----------
    stub
        Who answers for AWS and Omise.
    function, name
        Whose event, and which.
    """
    now = clock.now()
    scene = _scene(function, name, now)
    if scene.secret:
        scene = replace(scene, secret=json.dumps({**json.loads(scene.secret), "api_url": stub.url}))
    stub.show(replace(scene, private_key=_PRIVATE_KEY))
    return _valid(function, function.events[name], now)


def _scene(function: Lambda, event: str, now: datetime) -> Scene:
    match function.name.split("/")[0]:
        case "billing":
            return billing.scene(function.name, event, now)
        case "workflows":
            return workflows.scene(now)
        case "identity":
            return identity.scene(event, now)
        case _:
            return Scene()


def _valid(function: Lambda, event: Event, now: datetime) -> Event:
    event = copy.deepcopy(event)
    if function.name == "billing/webhook":
        _sign(event, now)
    if function.name == "identity/authorizer":
        token = identity.access_token(
            _PRIVATE_KEY, SETTINGS["TOKEN_ISSUER"], SETTINGS["TOKEN_AUDIENCE"], now
        )
        event["headers"]["Authorization"] = f"Bearer {token}"
    return event


def _sign(event: Event, now: datetime) -> None:
    """Sign a webhook as Omise does."""
    timestamp = str(int(now.timestamp()))
    message = f"{timestamp}.{event['body']}".encode()
    signature = hmac.new(billing.WEBHOOK_SECRET, message, "sha256").hexdigest()
    event["headers"] |= {
        "Omise-Signature": signature,
        "Omise-Signature-Timestamp": timestamp,
    }
