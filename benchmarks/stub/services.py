"""The other services, as far as the functions ask them."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from benchmarks.stub.dynamodb import FixedTables
from benchmarks.stub.scene import Scene

Json = Any
_EXECUTION: Final = "arn:aws:states:ap-southeast-1:123456789012:execution:example:example"


class World:
    """Answers calls out of a scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._tables = FixedTables(scene.tables)
        self._operations: Mapping[str, Callable[[Json], Json]] = {
            "GetPublicKey": self._get_public_key,
            "Sign": self._sign,
            "GetSecretValue": self._get_secret_value,
            "DescribeExecution": lambda _: {"status": "RUNNING"},
            "ListExecutions": lambda _: {"executions": []},
            "SendTaskSuccess": lambda _: {},
            "StartExecution": lambda _: {"executionArn": _EXECUTION, "startDate": time.time()},
        }

    def aws(self, operation: str, request: Json) -> Json:
        """Answer an operation of an AWS service with a JSON protocol."""
        if operation in self._operations:
            return self._operations[operation](request)
        return self._tables.answer(operation, request)

    def web(self, method: str, path: str) -> Json | None:
        """Answer what is no such operation: Omise knows the path, or else S3 takes it (None)."""
        return self._scene.omise.get(f"{method} {path.partition('?')[0]}")

    @property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        key = load_pem_private_key(self._scene.private_key.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the key of a scene is an elliptic curve's")
        return key

    def _get_public_key(self, _request: Json) -> Json:
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"PublicKey": base64.b64encode(der).decode()}

    def _sign(self, request: Json) -> Json:
        digest = base64.b64decode(request["Message"])
        signature = self._key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        return {"Signature": base64.b64encode(signature).decode()}

    def _get_secret_value(self, _request: Json) -> Json:
        return {"Name": "omise", "SecretString": self._scene.secret}
