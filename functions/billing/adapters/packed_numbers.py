"""Numbers packed into bytes, small ones into few: an entry costs a write unit for every KB.

Each number is a variable-length integer as in Protocol Buffers (Encoding, "Base 128 Varints" and
"Signed Integers"): seven bits a byte, the lowest first, signs folded in by zigzag. A grant takes
some ten bytes so, and twice as much as a list of DynamoDB's numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

_BITS: Final = 7
_MORE: Final = 1 << _BITS
_MAX_SHIFT: Final = 9 * _BITS  # far beyond any number of ours: 64 bits and more


def pack(numbers: Iterable[int]) -> bytes:
    """Pack numbers, in order."""
    packed = bytearray()
    for number in numbers:
        left = number * 2 if number >= 0 else -number * 2 - 1
        while left >= _MORE:
            packed.append(left % _MORE | _MORE)
            left >>= _BITS
        packed.append(left)
    return bytes(packed)


def unpack(packed: bytes) -> Iterator[int]:
    """Read packed numbers.

    Raises
    ------
    ValueError
        If the bytes end within a number, or one is too large or longer than it need be.
    """
    folded = shift = 0
    for byte in packed:
        folded |= (byte % _MORE) << shift
        if not byte and shift:
            raise ValueError("a packed number is longer than it need be")
        if byte < _MORE:
            yield folded // 2 if folded % 2 == 0 else -(folded // 2) - 1
            folded = shift = 0
        elif shift == _MAX_SHIFT:
            raise ValueError("a packed number is too large")
        else:
            shift += _BITS
    if shift:
        raise ValueError("packed numbers end within one")
