"""Identifiers in Omise's form: a prefix, the mode, and lower-case letters and digits."""

import secrets
import string
from typing import Final

_ALPHABET: Final = string.digits + string.ascii_lowercase
_LENGTH: Final = 19


def new_id(prefix: str) -> str:
    """Return a fresh test-mode identifier such as ``chrg_test_5xq6zfexznf7wjh0aj3``.

    Parameters
    ----------
    prefix
        Omise's short name of the object: ``chrg``, ``tokn``, ``src``, ``evnt``, ``rfnd``, …
    """
    return f"{prefix}_test_{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"
