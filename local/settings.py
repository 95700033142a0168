"""What the environment may say about the local stack."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from local.steps import StackError

DEFAULT_PORT = 8000
OMISE_JS_URL = "https://cdn.omise.co/omise.js"
HIGHEST_PORT = 65_533  # the two after it are used too


@dataclass(frozen=True)
class Settings:
    """Ports and outside services of one run.

    Parameters
    ----------
    port
        The front door's, on 127.0.0.1.
    omise_url
        An Omise-compatible server to use; None for the sandbox.
    omise_vault_url
        Where that server makes card tokens of cards.
    omise_js_url
        Where browsers load omise.js from, with that server.
    """

    port: int
    omise_url: str | None
    omise_vault_url: str | None
    omise_js_url: str = OMISE_JS_URL

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Read `PORT`, `OMISE_URL`, `OMISE_VAULT_URL` and `OMISE_JS_URL`.

        Raises
        ------
        StackError
            `PORT` is no usable port number.
        """
        port = environment.get("PORT") or str(DEFAULT_PORT)
        if not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
            raise StackError(f"PORT={port} is not a port number from 1 to {HIGHEST_PORT}")
        url = (environment.get("OMISE_URL") or "").rstrip("/") or None
        vault_url = (environment.get("OMISE_VAULT_URL") or "").rstrip("/") or url
        js_url = environment.get("OMISE_JS_URL") or OMISE_JS_URL
        return cls(port=int(port), omise_url=url, omise_vault_url=vault_url, omise_js_url=js_url)


def require_free(port: int) -> None:
    """Refuse a port that is taken.

    Raises
    ------
    StackError
        Something listens there; says what to do.
    """
    if not is_free(port):
        raise StackError(
            f"port {port} is in use: stop what listens there, or choose another with PORT="
        )


def free_port(preferred: int) -> int:
    """Take the preferred port, so that addresses stay the same, or any free one.

    Parameters
    ----------
    preferred
        The port that it would be nice to have; 0 for none in particular.
    """
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tell whether a server may listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        # As servers do: connections of the last run that still linger are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
