"""Pooled connections to Omise: TLS 1.2 or newer, nothing taken from the environment."""

from __future__ import annotations

import functools
import ssl
import time
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter

# Omise takes about ten calls at once per account; an environment makes one at a time.
_POOL_SIZE: Final = 4
_IDLE_SECONDS: Final = 20.0
_last_used: dict[str, float] = {}


def session_for(api_base: str) -> requests.Session:
    """Return the process's session for an API, with connections that are not stale.

    An environment that slept keeps connections which the other side closed long ago. A `POST`
    into one of them is lost without a trace, and whether it made a charge would have to be found
    out; so what was idle is closed first.

    Parameters
    ----------
    api_base
        Where the API is; plain http is possible only where this says so.
    """
    session = _opened(api_base)
    now = time.monotonic()
    if now - _last_used.get(api_base, now) > _IDLE_SECONDS:
        session.close()
    _last_used[api_base] = now
    return session


class TlsAdapter(HTTPAdapter):
    """Connections over TLS 1.2 or newer; retries are decided elsewhere, by method."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # passed on
        """Make the pool with a context of our own; requests adds the certificates."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


@functools.lru_cache(maxsize=2)
def _opened(api_base: str) -> requests.Session:
    session = requests.Session()
    # No proxy, no .netrc: the environment must neither redirect a call nor replace the key.
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", TlsAdapter(pool_connections=1, pool_maxsize=_POOL_SIZE))
    if api_base.startswith("http://"):
        session.mount(api_base, HTTPAdapter(pool_connections=1, pool_maxsize=_POOL_SIZE))
    return session
