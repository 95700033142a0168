"""How each program of the stack is started."""

from pathlib import Path

from local.child import Service
from local.emulator.environment import environment
from local.layout import REGION, Layout
from local.omise_settings import OmiseAccount


def emulator(layout: Layout, *, port: int) -> Service:
    """Describe the AWS emulator.

    Parameters
    ----------
    layout
        Whose state it keeps.
    port
        Where it serves every AWS API.
    """
    layout.temporary.mkdir(parents=True, exist_ok=True)
    return Service(
        name="emulator",
        command=[str(layout.emulator_python), "-m", "local.emulator"],
        port=port,
        health_path="/_ministack/ready",
        environment=environment(
            port=port, region=REGION, state=layout.state, temporary=layout.temporary
        ),
    )


def omise_sandbox(layout: Layout, *, port: int, webhook_url: str) -> Service:
    """Describe the Omise sandbox.

    Parameters
    ----------
    layout
        Whose keys it knows and whose charges it keeps.
    port
        Where it serves Omise's API and vault.
    webhook_url
        Where it sends its events.
    """
    return Service(
        name="omise",
        command=[
            *(str(layout.python), "-m", "local.omise_sandbox", "--port", str(port)),
            *("--state", str(layout.omise_state), "--keys", str(layout.omise_keys)),
            *("--webhook-url", webhook_url),
        ],
        port=port,
        health_path="/__sandbox/health",
    )


def front_door(
    layout: Layout, *, port: int, api: str, console: Path, omise: OmiseAccount
) -> Service:
    """Describe the front door.

    Parameters
    ----------
    layout
        Says how the console is served.
    port
        Where clients come.
    api
        URL of the API's stage on the emulator.
    console
        The console's built files.
    omise
        The Omise-compatible server that the console is told about.
    """
    return Service(
        name="front_door",
        command=[
            *(str(layout.python), "-m", "local.front_door", "--port", str(port)),
            *("--api", api, "--console", str(console), "--hosting", str(layout.hosting)),
            *("--omise-js-url", omise.js_url, "--omise-public-key", omise.keys.public_key),
            *("--omise-url", omise.api_url, "--omise-vault-url", omise.vault_url),
        ],
        port=port,
        health_path="/",
    )
