"""What the console may load and talk to, and that it arrives complete in one piece."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from infra.console_build import built_console
from infra.hosting import Hosting
from local.front_door_console import OmiseInBrowser
from local.stack_file import StackFile

ROOT = Path(__file__).resolve().parents[2]
HOSTING = ROOT / "web/hosting.json"
OMISE = OmiseInBrowser(
    js_url="https://cdn.omise.co/omise.js",
    public_key="",
    api_url="https://api.omise.co",
    vault_url="https://vault.omise.co",
)


def test_d08_the_policy_lets_in_itself_and_omise_only() -> None:
    """Given the policy of production, when its sources are read, then they are self and Omise."""
    policy = Hosting.read(HOSTING, OMISE.origins).headers["Content-Security-Policy"]
    sources = {source for part in policy.split("; ") for source in part.split()[1:]}

    assert sources - {"'self'", "'none'"} == {
        "https://cdn.omise.co",
        "https://api.omise.co",
        "https://vault.omise.co",
    }
    assert policy.startswith("default-src 'none'; ")


def test_d08_the_origins_of_production_are_omises() -> None:
    """Given the file that CloudFront's headers are made from, when read, then Omise is meant."""
    assert json.loads(HOSTING.read_text(encoding="utf-8"))["origins"] == OMISE.origins


def test_d08_every_page_has_the_policy(stack: StackFile) -> None:
    """Given the running stack, when a page is asked for, then its sandbox stands in for Omise."""
    answer = requests.get(f"{stack.console_url}buy", timeout=10)
    hosts = {
        source
        for part in answer.headers["Content-Security-Policy"].split("; ")
        for source in part.split()[1:]
        if source.startswith("http")
    }

    assert hosts == {stack.omise_url}
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_build_knows_nothing_of_this_machine(stack: StackFile) -> None:
    """Given the built files, when they are read, then the stand-in's address is in none."""
    files = [path for path in built_console(ROOT).rglob("*") if path.suffix in {".js", ".html"}]

    assert files
    for needle in ("sandbox", urlsplit(stack.omise_url).netloc, stack.omise_public_key):
        assert not [path for path in files if needle in path.read_text(encoding="utf-8").lower()]


@pytest.mark.parametrize("path", ["/nothing", "/assets/none.js", "/buy/../../pyproject.toml"])
def test_what_is_not_there_is_not_found(stack: StackFile, path: str) -> None:
    """Given an address of nothing, when it is asked for, then it is no page that pretends."""
    assert requests.get(f"{stack.api_url}{path}", timeout=10).status_code == 404
