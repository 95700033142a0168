"""Gap: over a restart, DynamoDB streams lose their records but readers keep their positions.

The stock emulator saves how far each event source mapping has read, and not what it reads: the
stream starts anew at position 0, so that as many changes as were read before the restart reach no
function, and neither does what was not read yet. In AWS a stream keeps its records for 24 hours.
This patch saves and restores the records beside the tables that they come from.
"""

# ruff: noqa: SLF001 - the emulator has no public interface for any of this

from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb

State = dict[str, Any]
KEY = "stream_records"


def install() -> None:
    """Let streams outlive a restart."""
    dynamodb.get_state = _saving(dynamodb.get_state)
    dynamodb.load_persisted_state = _restoring(dynamodb.load_persisted_state)


def _saving(stock: Callable[[], State]) -> Callable[[], State]:
    def save() -> State:
        streams = {
            "records": dynamodb._stream_records,
            "trimmed": dynamodb._stream_trimmed,
            "last_number": dynamodb._stream_seq_counter,
        }
        return stock() | {KEY: streams}

    return save


def _restoring(stock: Callable[[State], None]) -> Callable[[State], None]:
    def restore(state: State) -> None:
        stock(state)
        if streams := state.get(KEY):
            dynamodb._stream_records.update(streams["records"])
            dynamodb._stream_trimmed.update(streams["trimmed"])
            dynamodb._stream_seq_counter = streams["last_number"]

    return restore
