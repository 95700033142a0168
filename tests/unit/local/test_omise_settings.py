"""Keys are made once, and a real account's take their place."""

import base64
import json
from pathlib import Path

import pytest

from local.omise_settings import keys_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the keys are kept."""
    return tmp_path / "omise_keys.json"


def test_keys_are_made_up_once(path: Path) -> None:
    """Given no keys, when they are asked for twice, then both times they are the same test keys."""
    keys = keys_of(path, {})

    assert keys == keys_of(path, {})
    assert keys.secret_key.startswith("skey_test_")
    assert keys.public_key.startswith("pkey_test_")
    assert len(base64.b64decode(keys.webhook_secret, validate=True)) == 32


def test_two_checkouts_have_different_keys(path: Path) -> None:
    """Given two files, when keys are made up, then none is the same."""
    here, there = keys_of(path, {}), keys_of(path.with_name("other.json"), {})

    assert not set(vars(here).values()) & set(vars(there).values())


def test_a_real_accounts_keys_are_used_and_not_kept(path: Path) -> None:
    """Given a key in the environment, when keys are asked for, then it is used but not written."""
    keys = keys_of(path, {"OMISE_SECRET_KEY": "skey_test_given"})

    assert keys.secret_key == "skey_test_given"
    assert json.loads(path.read_text(encoding="utf-8"))["public_key"] == keys.public_key
    assert "given" not in path.read_text(encoding="utf-8")
