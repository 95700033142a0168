"""Archives depend on their contents alone."""

import io
import os
import zipfile
from pathlib import Path

from local.packaging import package


def test_the_same_files_written_later_give_the_same_bytes(tmp_path: Path) -> None:
    """Given another modification time, when it is packaged again, then not a byte differs."""
    file = tmp_path / "handler.py"
    file.write_text("answer = 42", encoding="ascii")
    first = package(tmp_path)
    os.utime(file, (1, 1))

    assert package(tmp_path) == first


def test_contents_paths_and_permissions_are_kept(tmp_path: Path) -> None:
    """Given an executable in a folder, when it is packaged, then it can run after unpacking."""
    program = tmp_path / "bin/tool"
    program.parent.mkdir()
    program.write_bytes(b"#!/bin/sh\n")
    program.chmod(0o755)

    with zipfile.ZipFile(io.BytesIO(package(tmp_path))) as archive:
        (entry,) = archive.infolist()
        assert entry.filename == "bin/tool"
        assert entry.external_attr >> 16 & 0o777 == 0o755
        assert archive.read(entry) == b"#!/bin/sh\n"
