"""A sandbox and a merchant's webhook endpoint, served for a test from a background thread."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeVar

import requests
from aiohttp import test_utils, web

from local.omise_sandbox.app import build_app
from local.omise_sandbox.keys import AccountKeys
from local.omise_sandbox.sandbox import Sandbox, Settings

T = TypeVar("T")
Json = dict[str, object]

SECRET_KEY = "skey_test_example"
PUBLIC_KEY = "pkey_test_example"
WEBHOOK_SECRET = "ZXhhbXBsZQ=="
TIMEOUT_SECONDS = 10
GOOD_CARD = "4242" * 4
CHALLENGED_CARD = "5454" * 4
VISA_TEST_RANGE = "41111111111"
RETURN_URI = "https://shop.example.com/back"


@dataclass(frozen=True)
class ReceivedWebhook:
    """What the merchant's endpoint got."""

    headers: Mapping[str, str]
    body: bytes
    event: Json

    @property
    def key(self) -> object:
        """The event's key."""
        return self.event["key"]


@dataclass
class Merchant:
    """The merchant's webhook endpoint: remembers what it gets and answers with `status`.

    It takes its time over the first webhooks: as many seconds as `pauses_seconds` says.
    """

    status: int = 200
    pauses_seconds: list[float] = field(default_factory=list)
    received: list[ReceivedWebhook] = field(default_factory=list)

    def keys(self) -> list[object]:
        """Return the keys of the events, in the order in which they came."""
        return [webhook.key for webhook in self.received]

    async def handle(self, request: web.Request) -> web.Response:
        """Take a webhook."""
        body = await request.read()
        await asyncio.sleep(self.pauses_seconds.pop(0) if self.pauses_seconds else 0)
        self.received.append(ReceivedWebhook(dict(request.headers), body, await request.json()))
        return web.Response(status=self.status, text="merchant's answer")


class Background:
    """An event loop in a thread, in which aiohttp applications run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runners: list[web.AppRunner] = []
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._runners:
            self.run(runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_SECONDS)
        self._loop.close()

    def run(self, work: Coroutine[None, None, T]) -> T:
        """Run something in the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT_SECONDS)

    def serve(self, build: Callable[[], web.Application], port: int) -> None:
        """Serve an application on loopback until the end."""
        self.run(self._serve(build, port))

    async def _serve(self, build: Callable[[], web.Application], port: int) -> None:
        runner = web.AppRunner(build(), access_log=None, shutdown_timeout=1)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()


class Gateway:
    """A client of a running sandbox."""

    def __init__(self, url: str, merchant: Merchant) -> None:
        self.url = url
        self.merchant = merchant

    def call(
        self, method: str, path: str, payload: object = None, *, key: str = SECRET_KEY
    ) -> requests.Response:
        """Call the API with a JSON body."""
        return requests.request(
            method,
            self.url + path,
            json=payload,
            auth=(key, ""),
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )

    def get(self, path: str) -> Json:
        """Read a path that must answer 200."""
        return self._good(self.call("GET", path))

    def post(self, path: str, payload: object = None, *, key: str = SECRET_KEY) -> Json:
        """Post to a path that must answer 200."""
        return self._good(self.call("POST", path, payload, key=key))

    def refusal(self, method: str, path: str, payload: object = None) -> tuple[int, object]:
        """Return status and error code of a call that must be refused."""
        response = self.call(method, path, payload)
        document = response.json()
        assert document["object"] == "error"
        assert document["location"].endswith("#" + document["code"].replace("_", "-"))
        return response.status_code, document["code"]

    def promptpay_charge(self, **parameters: object) -> Json:
        """Create a PromptPay charge of 300 baht."""
        terms = {"amount": 30_000, "currency": "thb", "source": {"type": "promptpay"}}
        return self.post("/charges", terms | parameters)

    def token(self, number: str = GOOD_CARD, **fields: object) -> str:
        """Tokenise a card and return the token's id."""
        card = {
            "name": "Somchai Prasert",
            "number": number,
            "expiration_month": 12,
            "expiration_year": 2099,
            "security_code": "123",
        }
        return str(self.post("/tokens", {"card": card | fields}, key=PUBLIC_KEY)["id"])

    def card_charge(self, number: str = GOOD_CARD, **parameters: object) -> Json:
        """Charge a card with 300 baht."""
        terms = {"amount": 30_000, "currency": "thb", "card": self.token(number)}
        return self.post("/charges", terms | parameters)

    def control(self, path: str, payload: object = None, method: str = "POST") -> requests.Response:
        """Call the control API."""
        return requests.request(
            method, f"{self.url}/__sandbox/{path}", json=payload, timeout=TIMEOUT_SECONDS
        )

    def fault(self, fault: str, operation: str = "*", **settings: object) -> None:
        """Queue a fault of the API."""
        self._good(self.control("faults", {"fault": fault, "operation": operation, **settings}))

    def webhook_fault(self, fault: str, **settings: object) -> None:
        """Queue a fault of webhook deliveries."""
        self._good(self.control("webhook_faults", {"fault": fault, **settings}))

    def deliveries(self, count: int) -> list[Json]:
        """Return the delivery log once it has this many entries."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            log = self.control("webhooks", method="GET").json()
            if log["total"] >= count:
                break
            time.sleep(0.01)
        assert log["total"] == count
        entries: list[Json] = log["data"]
        return entries

    @staticmethod
    def _good(response: requests.Response) -> Json:
        assert response.status_code == requests.codes.ok, response.text
        document: Json = response.json()
        return document


def serve_gateway(
    background: Background,
    state: Path | str = ":memory:",
    webhook_secret: str | None = WEBHOOK_SECRET,
) -> Gateway:
    """Start a sandbox and its merchant, and return a client."""
    merchant, port, merchant_port = Merchant(), test_utils.unused_port(), test_utils.unused_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        keys=AccountKeys(
            secret_key=SECRET_KEY, public_key=PUBLIC_KEY, webhook_secret=webhook_secret
        ),
        state=state,
        webhook_url=f"http://127.0.0.1:{merchant_port}/webhooks",
        public_url=url,
    )

    def build_merchant() -> web.Application:
        app = web.Application()
        app.router.add_post("/{tail:.*}", merchant.handle)
        return app

    background.serve(build_merchant, merchant_port)
    background.serve(lambda: build_app(Sandbox(settings)), port)
    return Gateway(url, merchant)
