"""The edge's package: our code, the document, and the viewer at the locked version."""

from __future__ import annotations

import json
from pathlib import Path

from edge.service.viewer import FILES
from infra.bundling import ROOT
from infra.code_package import CodeBundling
from infra.edge_package import contents
from infra.settings import STAGES


def test_the_package_holds_all_that_the_page_needs(tmp_path: Path) -> None:
    """Page, scripts, styles and document are where the function reads them."""
    python = STAGES["local"].runtime.python
    assert CodeBundling(contents(), python, "/var/task").try_bundle(str(tmp_path))
    static = tmp_path / "edge/static"
    assert {*FILES, "docs.html", "openapi.json"} <= {file.name for file in static.iterdir()}
    assert (tmp_path / "edge/service/handler.py").is_file()
    committed = (ROOT / "docs/openapi.json").read_bytes()
    assert (static / "openapi.json").read_bytes() == committed


def test_the_viewers_licence_and_notice_come_along() -> None:
    """Apache-2.0, section 4: whoever passes it on passes these on."""
    names = {Path(name).name for name in contents()}
    assert {"swagger-ui.LICENSE", "swagger-ui.NOTICE"} <= names


def test_the_viewer_is_pinned() -> None:
    """One version, by its hash."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    locked = lock["packages"]["node_modules/swagger-ui-dist"]
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert locked["version"] == wanted["swagger-ui-dist"]
    assert locked["integrity"].startswith("sha512-")


def test_no_package_runs_a_script_when_it_is_installed() -> None:
    """The viewer's one dependency reports installations to its makers."""
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text(encoding="utf-8").splitlines()


def test_nothing_that_changes_with_a_test_run_is_in_it() -> None:
    """Else its hash, and with it a deployment, would change for nothing."""
    assert not [name for name in contents() if "__pycache__" in name or name.endswith(".pyc")]
