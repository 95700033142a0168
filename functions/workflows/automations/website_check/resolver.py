"""Name resolution with a time-out."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

MAX_ADDRESSES: Final = 8
_executor: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolver")


def resolve(host: str, port: int, timeout_seconds: float) -> Sequence[str]:
    """Return a host's addresses, at most 8.

    Numbers in any notation that the system reads as an address (decimal, octal, hexadecimal,
    shortened) come out as that address.

    Raises
    ------
    OSError
        If there are none; `TimeoutError` if the answer does not come in time.
    """
    # getaddrinfo knows no time-out, so another thread waits for it.
    future = _executor.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = future.result(timeout_seconds)
    except UnicodeError as error:
        raise OSError("no such host") from error
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    if len(addresses) > MAX_ADDRESSES:
        raise OSError("too many addresses")
    return tuple(addresses)
