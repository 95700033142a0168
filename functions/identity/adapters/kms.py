"""The two KMS operations that access tokens need."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any, Final

from kernel.aws.json_api import AwsError, AwsRefusedError, JsonApi, Service
from kernel.errors import TemporarilyUnavailableError

_SERVICE: Final = Service("kms", "KMS", "TrentService", "1.1", "AWS_ENDPOINT_URL_KMS")
_READ_SECONDS: Final = 2.0


class KmsRefusedError(Exception):
    """KMS refuses for good: the key is not there, not of this kind, or not for this role."""


class Kms:
    """A client of AWS KMS.

    Parameters
    ----------
    api
        Calls the service.
    """

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Kms:
        """Make the client that the function's environment describes."""
        return cls(JsonApi.from_environment(_SERVICE, _READ_SECONDS, environment))

    def public_key(self, key_id: str) -> bytes:
        """Return a key's public half as DER (SubjectPublicKeyInfo).

        Raises
        ------
        KmsRefusedError
            If the key cannot be read.
        TemporarilyUnavailableError
            If KMS does not answer.
        """
        answer = self._call("GetPublicKey", {"KeyId": key_id})
        return base64.b64decode(answer["PublicKey"])

    def sign(self, key_id: str, digest: bytes) -> bytes:
        """Sign a SHA-256 digest by ECDSA and return the signature as DER.

        Raises
        ------
        KmsRefusedError
            If the key cannot sign.
        TemporarilyUnavailableError
            If KMS does not answer.
        """
        request = {
            "KeyId": key_id,
            "Message": base64.b64encode(digest).decode(),
            "MessageType": "DIGEST",
            "SigningAlgorithm": "ECDSA_SHA_256",
        }
        return base64.b64decode(self._call("Sign", request)["Signature"])

    def _call(self, operation: str, request: Mapping[str, str]) -> dict[str, Any]:
        try:
            return self._api.call(operation, request)
        except AwsError as error:
            if isinstance(error, AwsRefusedError) and not error.is_passing:
                raise KmsRefusedError(error.code) from error
            raise TemporarilyUnavailableError("The service is busy. Try again.") from error
