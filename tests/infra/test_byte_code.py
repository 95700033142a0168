"""Byte code in packages: there, valid whatever the file times are, and stable in its hash."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import byte_code
from infra.bundling import DependenciesBundling
from infra.byte_code import compile_ahead, interpreter, signature
from infra.code_package import CodeBundling, content_hash, files_under
from infra.edge_package import contents as edge_contents
from infra.settings import STAGES
from tests.infra.synthesis import ROOT

HOST = STAGES["local"].runtime.python
_UNCHECKED = 0b01  # a hash, and nobody compares it (PEP 552)


@pytest.fixture(autouse=True)
def _search_anew() -> Iterator[None]:
    """Forget which interpreters were found."""
    interpreter.cache_clear()
    yield
    interpreter.cache_clear()


def compiled(source: Path) -> Path:
    """Return where a source's byte code is."""
    return Path(importlib.util.cache_from_source(str(source)))


def is_unchecked(byte_code_file: Path) -> bool:
    """Tell whether byte code holds whatever the source's time is."""
    header = byte_code_file.read_bytes()[:8]
    return header[:4] == importlib.util.MAGIC_NUMBER and header[4:] == bytes([_UNCHECKED, 0, 0, 0])


@pytest.mark.parametrize("folder", ["functions", "layers/shared"])
def test_every_module_of_ours_comes_with_byte_code(folder: str, tmp_path: Path) -> None:
    """Given a package, each of its sources was compiled and is not compared again."""
    root = ROOT / folder
    contents = {str(path.relative_to(root)): path for path in files_under(root)}
    assert CodeBundling(contents, HOST, "/var/task").try_bundle(str(tmp_path))
    sources = sorted(tmp_path.rglob("*.py"))
    assert len(sources) > 10
    assert [source for source in sources if not is_unchecked(compiled(source))] == []


def test_the_edges_package_has_it_too(tmp_path: Path) -> None:
    """Its files come from several places."""
    CodeBundling(edge_contents(), HOST, "/var/task").try_bundle(str(tmp_path))
    assert is_unchecked(compiled(tmp_path / "edge/service/handler.py"))


@pytest.mark.parametrize("service", ["identity", "billing", "workflows", "edge"])
def test_libraries_come_with_byte_code(service: str, tmp_path: Path) -> None:
    """All that is imported when a function starts."""
    DependenciesBundling(service, STAGES["local"].runtime).try_bundle(str(tmp_path))
    packages = tmp_path / "python"
    started = ["aws_lambda_powertools/logging/logger.py", "jmespath/parser.py"]
    started += [] if service == "edge" else ["pydantic/main.py"]
    assert [name for name in started if not is_unchecked(compiled(packages / name))] == []


def test_a_traceback_shows_where_lambda_has_the_file(tmp_path: Path) -> None:
    """Not the folder in which it was compiled."""
    (tmp_path / "module.py").write_text("def f(): ...\n", encoding="utf-8")
    compile_ahead(tmp_path, HOST, "/var/task")
    assert b"/var/task/module.py" in compiled(tmp_path / "module.py").read_bytes()


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    """File times and byte code that tests leave behind change nothing; a changed source does."""
    source = tmp_path / "module.py"
    source.write_text("a = 1\n", encoding="utf-8")
    before = content_hash({"module.py": source}, HOST)
    os.utime(source, (0, 0))
    compile_ahead(tmp_path, HOST, "/var/task")
    assert list(files_under(tmp_path)) == [source]
    assert content_hash({"module.py": source}, HOST) == before
    source.write_text("a = 2\n", encoding="utf-8")
    assert content_hash({"module.py": source}, HOST) != before


def test_an_interpreter_is_one_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given names on the path that lead nowhere, or to another version, they are passed over."""
    script = tmp_path / "python3.99"
    for variable in ("PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    for answer, found in (("exit 127", None), ("echo 3.9", None), ("echo 3.99", script)):
        interpreter.cache_clear()
        script.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
        script.chmod(0o755)
        assert interpreter("3.99") == found
        assert signature("3.99") == ("byte code 3.99" if found else "no byte code")


def test_without_an_interpreter_a_package_is_still_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It only starts more slowly."""
    monkeypatch.setattr(byte_code, "interpreter", lambda _python: None)
    source = tmp_path / "module.py"
    source.write_text("a = 1\n", encoding="utf-8")
    compile_ahead(tmp_path, "3.13", "/var/task")
    assert not compiled(source).exists()
