"""The function's own credentials, where Lambda puts them.

Lambda puts a role's temporary key into the environment, for as long as the execution environment
lives. A function that was restored from a snapshot (SnapStart) finds no key there, but the address
of a server on its own machine which hands out keys that expire (AWS SDKs and Tools Reference Guide,
"Container credential provider").
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from kernel import clock
from kernel.aws.sigv4 import Credentials

_URI: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105  # a variable's name
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_TIMEOUT_SECONDS: Final = 2.0
_MAX_BYTES: Final = 64 * 1024
_RENEW_BEFORE: Final = timedelta(minutes=5)


class CredentialsMissingError(Exception):
    """The environment names no credentials, or the server that has them gives none."""


class RoleCredentials:
    """The credentials of the function's role.

    Where they are is looked up at every call, not when a client is made: that may have been before
    a snapshot was taken, in another environment than the one that goes on.

    Parameters
    ----------
    environment
        Holds them, or names the server that hands them out and the token to show.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._held: tuple[Credentials, datetime] | None = None

    def __call__(self) -> Credentials:
        """Return credentials that are valid for some minutes still.

        A server's are kept until five minutes before they expire.

        Raises
        ------
        CredentialsMissingError
            If there are none.
        OSError, http.client.HTTPException
            If the server does not answer.
        """
        given = self._environment
        if "AWS_ACCESS_KEY_ID" in given:
            return Credentials(
                given["AWS_ACCESS_KEY_ID"],
                given["AWS_SECRET_ACCESS_KEY"],
                given.get("AWS_SESSION_TOKEN"),
            )
        held = self._held
        if held is None or held[1] - clock.now() < _RENEW_BEFORE:
            held = self._held = _read(self._fetch())
        return held[0]

    def _fetch(self) -> bytes:
        location = urlsplit(self._environment.get(_URI, ""))
        if location.scheme != "http" or location.hostname not in _LOOPBACK:
            raise CredentialsMissingError(f"{_URI} names no server on this machine")
        connection = http.client.HTTPConnection(location.netloc, timeout=_TIMEOUT_SECONDS)
        path = location._replace(scheme="", netloc="").geturl()
        try:
            connection.request("GET", path, headers={"Authorization": self._environment[_TOKEN]})
            response = connection.getresponse()
            body = response.read(_MAX_BYTES)
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise CredentialsMissingError(f"status {response.status}")
        return body


def _read(body: bytes) -> tuple[Credentials, datetime]:
    try:
        given: Mapping[str, Any] = json.loads(body)
        credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["Token"])
        return credentials, clock.parse_rfc3339(given["Expiration"])
    except (KeyError, TypeError, ValueError):
        # Without its cause: that may quote the secret.
        raise CredentialsMissingError("the answer holds no credentials") from None
