"""The KMS client over real HTTP: what it asks, what it understands, and how it fails."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from identity.adapters.kms import Kms, KmsRefusedError
from kernel.aws import json_api
from kernel.errors import TemporarilyUnavailableError
from tests.unit.identity.local_keys import LocalKeys
from tests.unit.kernel.http_service import HANG_UP, Answer, Service, serving

KEYS = LocalKeys()
DIGEST = hashlib.sha256(b"message").digest()


def as_kms(operation: str, request: Mapping[str, Any]) -> Answer:
    """Answer as KMS does; moto would hash a digest once more, whatever its `MessageType`."""
    if operation == "GetPublicKey":
        return Answer(
            200, {"PublicKey": base64.b64encode(KEYS.public_key(request["KeyId"])).decode()}
        )
    assert request["MessageType"] == "DIGEST"
    assert request["SigningAlgorithm"] == "ECDSA_SHA_256"
    signature = KEYS.sign(request["KeyId"], base64.b64decode(request["Message"]))
    return Answer(200, {"Signature": base64.b64encode(signature).decode()})


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Serve a KMS over HTTP, without pauses between attempts."""
    monkeypatch.setattr(json_api, "_CAP_SECONDS", 0)
    with serving() as server:
        server.behaviour = as_kms
        yield server


@pytest.fixture
def client(service: Service) -> Kms:
    """Make the client as a function does, from the environment."""
    return Kms.from_environment(
        {
            "AWS_REGION": "ap-southeast-1",
            "AWS_ENDPOINT_URL_KMS": service.url,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_SESSION_TOKEN": "a-session-token",
        }
    )


def test_a_signature_verifies_with_the_public_key(client: Kms, service: Service) -> None:
    """Both operations against a KMS that really signs, over one connection."""
    public_key = load_der_public_key(client.public_key("signing"))
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    public_key.verify(client.sign("signing", DIGEST), b"message", ec.ECDSA(hashes.SHA256()))
    assert [headers["x-amz-target"] for headers in service.headers] == [
        "TrentService.GetPublicKey",
        "TrentService.Sign",
    ]
    assert len(service.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"__type": "KMSInternalException"}),
        Answer(400, {"__type": "com.amazonaws.kms#ThrottlingException"}),
        Answer(400, {"__type": "KeyUnavailableException"}),
        HANG_UP,
    ],
)
def test_an_outage_is_told_as_temporary(client: Kms, service: Service, answer: Answer) -> None:
    """After bounded attempts: try again later."""
    service.behaviour = lambda *_: answer
    with pytest.raises(TemporarilyUnavailableError):
        client.sign("any", DIGEST)
    assert len(service.requests) == json_api.MAX_ATTEMPTS


def test_a_refusal_is_not_tried_again(client: Kms, service: Service) -> None:
    """A missing key or permission does not come by waiting."""
    service.behaviour = lambda *_: Answer(400, {"__type": "NotFoundException"})
    with pytest.raises(KmsRefusedError, match="NotFoundException"):
        client.public_key("missing")
    assert len(service.requests) == 1
