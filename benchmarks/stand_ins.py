"""AWS without a network: DynamoDB's client does all its work but the sending, KMS is a key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class _Body:
    """A response's body, as urllib3 has it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        """Give all of it at once."""
        return [self._content]


def answer_instead_of(client: Any, answers: Mapping[str, Answer]) -> None:  # noqa: ANN401
    """Let functions answer a client's operations in place of AWS.

    Parameters
    ----------
    client
        A client of botocore's.
    answers
        What answers each operation, by its name.
    """

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        given: Any = request.body
        body = json.dumps(answers[name](json.loads(given))).encode()
        headers = HeadersDict({"content-type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 200, headers, _Body(body))  # type: ignore[arg-type]  # it is what botocore makes itself

    client.meta.events.register("before-send", send)


class KeyInMemory:
    """Stands in for KMS: one key, whatever its id."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def public_key(self, _key_id: str) -> bytes:
        """Return the public half."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, _key_id: str, digest: bytes) -> bytes:
        """Sign."""
        return self._key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
