"""AWS without a network: DynamoDB's client does all its work but the sending, KMS is a key."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.aws.connections import ConnectionPool, Limits, Reply

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class AnsweringConnections(ConnectionPool):
    """Stand in for the connections to an AWS service: requests are made and signed, not sent.

    Parameters
    ----------
    answers
        What answers each operation, by its name.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__("http://dynamodb.ap-southeast-1.amazonaws.com", Limits(1, 1))
        self._answers = answers

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer."""
        operation = headers["x-amz-target"].rpartition(".")[2]
        answer = json.dumps(self._answers[operation](json.loads(body))).encode()
        return Reply(200, answer, str(zlib.crc32(answer)))


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
