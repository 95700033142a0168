"""Which browser the tests use: one of the machine's, or the one that Playwright brings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserType, Error

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL_SECONDS: Final = 300
# A test's browser talks to the stack on this machine and to nobody else.
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(chromium: BrowserType) -> Browser:
    """Start Chromium; install it first if the machine has none.

    Parameters
    ----------
    chromium
        Playwright's launcher.
    """
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        _install()
    try:
        return chromium.launch(executable_path=path, args=list(_ARGUMENTS))
    except Error as error:
        pytest.fail(f"Chromium does not start: {error.message.splitlines()[0]}", pytrace=False)


def _install() -> None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_SECONDS)  # noqa: S603 - fixed
    except (subprocess.SubprocessError, OSError):
        pytest.fail("these tests need Chromium: apt-get install chromium", pytrace=False)
