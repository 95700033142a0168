"""What the environment may say."""

import socket
from collections.abc import Iterator

import pytest

from local.settings import Settings, free_port, is_free, require_free
from local.steps import StackError


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port: int = server.getsockname()[1]
        yield port


def test_without_settings_port_8000_and_the_sandbox() -> None:
    """Given an empty environment, when it is read, then the defaults hold."""
    assert Settings.read({}) == Settings(port=8000, omise_url=None, omise_vault_url=None)


def test_an_empty_setting_is_none() -> None:
    """Given variables that are set to nothing, when they are read, then the defaults hold."""
    assert Settings.read({"PORT": "", "OMISE_URL": ""}) == Settings.read({})


def test_cards_go_to_the_same_server_unless_another_is_named() -> None:
    """Given OMISE_URL alone, when it is read, then it is the vault too, without its last slash."""
    settings = Settings.read({"OMISE_URL": "http://127.0.0.1:9000/"})

    assert settings.omise_url == settings.omise_vault_url == "http://127.0.0.1:9000"
    assert (
        Settings.read(
            {"OMISE_URL": "https://api.example.com", "OMISE_VAULT_URL": "https://vault.example.com"}
        ).omise_vault_url
        == "https://vault.example.com"
    )


def test_browsers_load_omise_js_from_omise_unless_told_otherwise() -> None:
    """Given OMISE_JS_URL or not, when it is read, then it is that, or Omise's own."""
    assert Settings.read({}).omise_js_url == "https://cdn.omise.co/omise.js"
    other = "http://127.0.0.1:9000/omise.js"
    assert Settings.read({"OMISE_JS_URL": other}).omise_js_url == other


@pytest.mark.parametrize("port", ["http", "0", "-1", "65535", "80.5"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    """Given nonsense as PORT, when it is read, then the message quotes it."""
    with pytest.raises(StackError, match=f"PORT={port} is not a port number"):
        Settings.read({"PORT": port})


def test_a_taken_port_is_refused(taken: int) -> None:
    """Given a listener, when its port is required, then the message says what to do."""
    assert not is_free(taken)
    with pytest.raises(StackError, match=f"port {taken} is in use"):
        require_free(taken)


def test_a_preferred_port_is_taken_when_it_is_free(taken: int) -> None:
    """Given a listener, when its port is preferred, then another free one is found."""
    other = free_port(taken)

    assert other != taken
    assert free_port(other) == other
