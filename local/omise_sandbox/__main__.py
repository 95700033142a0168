"""Run the sandbox: ``python -m local.omise_sandbox --port 8001 --state … --keys …``."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import Final

from aiohttp import web

from local.omise_sandbox.app import build_app
from local.omise_sandbox.keys import read_keys
from local.omise_sandbox.sandbox import Sandbox, Settings

_HOST: Final = "127.0.0.1"
_SHUTDOWN_SECONDS: Final = 2


def main() -> None:
    """Serve until SIGTERM or SIGINT; print ``ready`` once the port listens."""
    options = _parse_options()
    settings = Settings(
        keys=read_keys(options.keys),
        state=options.state,
        webhook_url=options.webhook_url,
        public_url=options.public_url or f"http://{_HOST}:{options.port}",
    )
    try:
        asyncio.run(_serve(settings, options.port))
    except OSError as error:
        sys.exit(f"omise_sandbox: port {options.port}: {error.strerror}")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="omise_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="SQLite file of the state")
    parser.add_argument("--keys", type=Path, required=True, help="JSON file of the account's keys")
    parser.add_argument("--webhook-url", default="", help="the account's webhook endpoint")
    parser.add_argument("--public-url", default="", help="where a browser reaches the sandbox")
    return parser.parse_args()


async def _serve(settings: Settings, port: int) -> None:
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    runner = web.AppRunner(
        build_app(Sandbox(settings)), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        print("ready", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main()
