"""The sandbox's clock: the machine's, plus what the control API has added to it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

_OFFSET_SETTING: Final = "clock_offset_seconds"


class _Settings(Protocol):
    def setting(self, name: str, default: str) -> str: ...
    def change_setting(self, name: str, value: str) -> None: ...


class Clock:
    """Tells the sandbox's time in epoch seconds; it can be moved forward, never back.

    The offset is stored, so that a charge which expired stays expired after a restart. Webhook
    signatures do not use this clock: their timestamp is checked against the receiver's own.

    Parameters
    ----------
    settings
        Where the offset is kept.
    read
        The clock underneath, in epoch seconds.
    """

    def __init__(self, settings: _Settings, read: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._read = read

    def now(self) -> int:
        """Return the sandbox's time in epoch seconds."""
        return int(self._read()) + self._offset_seconds()

    def advance(self, seconds: int) -> int:
        """Move the clock forward and return the new time in epoch seconds."""
        self._settings.change_setting(_OFFSET_SETTING, str(self._offset_seconds() + seconds))
        return self.now()

    def _offset_seconds(self) -> int:
        return int(self._settings.setting(_OFFSET_SETTING, "0"))


def to_timestamp(epoch_seconds: int | None) -> str | None:
    """Return Omise's form of a time, ``YYYY-MM-DDThh:mm:ssZ`` in UTC."""
    if epoch_seconds is None:
        return None
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_timestamp(text: str) -> int:
    """Return the epoch seconds of an ISO 8601 time; without an offset it is UTC.

    Raises
    ------
    ValueError
        The text is no ISO 8601 date or time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
