"""The rotation of signing keys as `docs/operations/rotate-signing-keys.md` says, under load."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from local.stack_file import StackFile
from tests.e2e.operator import Checkout, changed_checkout
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
SETTINGS = "infra/settings.py"
SIGNING_KEYS = ('("primary",)', '("primary", "next")', '("next", "primary")', '("next",)')
CLIENTS = 3
PAUSE_SECONDS = 0.1
ATTEMPTS = 3


@dataclass
class Load:
    """Clients that use the API all the time, each with a session of its own.

    Parameters
    ----------
    users
        Who they are.
    """

    users: list[Session]
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def use(self, user: Session) -> None:
        """Log in, refresh and read, until it is over."""
        url = f"{user.stack.api_url}/v1"
        refresh_token = ""
        for number in range(1_000_000):
            if self._over.wait(PAUSE_SECONDS):
                return
            if number % 8 == 0:
                body = {"email": user.email, "password": user.password}
                answer = self._answer("POST", f"{url}/auth/login", json=body)
            elif number % 4 == 0:
                body = {"refresh_token": refresh_token}
                answer = self._answer("POST", f"{url}/auth/refresh", json=body)
            else:
                headers = {"Authorization": f"Bearer {self.tokens.get(user.user_id, '')}"}
                self._answer("GET", f"{url}/me", headers=headers)
                continue
            if "refresh_token" in answer:
                refresh_token = answer["refresh_token"]
                self.tokens[user.user_id] = answer["access_token"]

    def _answer(self, method: str, url: str, **more: Any) -> dict[str, str]:  # noqa: ANN401
        """Send a request; 503 means to send it again, on a machine that is busy too."""
        for _ in range(ATTEMPTS):
            response = requests.request(method, url, timeout=60, **more)
            if response.status_code != 503 or self._over.wait(1):
                break
        self.answers += 1
        if not response.ok:
            self.failures.append(f"{response.status_code} {response.url} {response.text[:200]}")
        return dict(response.json())

    def end(self) -> None:
        """Let the clients go home."""
        self._over.set()

    def key_ids(self) -> set[str]:
        """Name the keys that the clients' tokens are signed with."""
        return {jwt.get_unverified_header(token)["kid"] for token in self.tokens.values()}


@contextmanager
def load(users: list[Session]) -> Iterator[Load]:
    """Run clients beside what is done meanwhile."""
    clients = Load(users)
    with ThreadPoolExecutor(len(users)) as pool:
        running = [pool.submit(clients.use, user) for user in users]
        try:
            yield clients
        finally:
            clients.end()
            for one in running:
                one.result()


def published(stack: StackFile) -> list[str]:
    """Name the keys that the API publishes."""
    answer = requests.get(f"{stack.api_url}/v1/.well-known/jwks.json", timeout=60).json()
    return [key["kid"] for key in answer["keys"]]


def steps(checkout: Checkout) -> list[Path]:
    """Synthesise the three deployments of a rotation."""
    assemblies: list[Path] = []
    for before, after in pairwise(SIGNING_KEYS):
        checkout.replace(SETTINGS, f"signing_keys={before}", f"signing_keys={after}")
        assemblies.append(checkout.synthesise(str(len(assemblies))))
    return assemblies


@pytest.mark.timeout(900)  # it synthesises three times
def test_a01_keys_are_rotated_without_a_failed_request(
    stack: StackFile,
    new_user: Callable[[], Session],
    tmp_path: Path,
) -> None:
    """A01: through all three deployments of a rotation every request succeeds."""
    users = [new_user() for _ in range(CLIENTS)]
    (old,) = published(stack)
    with changed_checkout(stack, tmp_path) as checkout:
        introduced, exchanged, withdrawn = steps(checkout)
        with load(users) as clients:
            checkout.deploy(introduced)
            assert published(stack)[0] == old
            checkout.deploy(exchanged)
            new, also_old = published(stack)
            assert also_old == old
            _until(lambda: clients.key_ids() == {new})  # in AWS: until the last token has run out
            checkout.deploy(withdrawn)
            assert published(stack) == [new]
            answers = clients.answers
            _until(lambda: clients.answers >= answers + 10 * CLIENTS)
    print(f"{clients.answers} requests during the rotation")  # the run's figure
    assert clients.failures == [], f"{len(clients.failures)} of {clients.answers} requests failed"


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        threading.Event().wait(0.2)
    raise AssertionError("it never came to hold")
