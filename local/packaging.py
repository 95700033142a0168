"""Zip archives whose bytes depend on their contents alone."""

import io
import stat
import zipfile
from pathlib import Path

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold
FAST = 1  # the archive never leaves this machine


def package(folder: Path) -> bytes:
    """Zip a folder.

    Parameters
    ----------
    folder
        Everything in it goes in, under its relative path and with its permissions.

    Returns
    -------
    bytes
        The same for the same files, whenever and wherever they were written.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.writestr(_entry(path, folder), path.read_bytes())
    return content.getvalue()


def _entry(path: Path, folder: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = stat.S_IMODE(path.stat().st_mode) << 16
    return entry
