"""Identity's use cases on the emulator's DynamoDB, in the order of a user's first day."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Final

from identity.adapters.access_tokens import AccessTokenIssuer, AccessTokenVerifier, TokenTerms
from identity.adapters.client_address import ClientAddress
from identity.adapters.login_store import LoginStore
from identity.adapters.session_store import SessionStore
from identity.adapters.signing_keys import SigningKeys
from identity.adapters.user_store import UserStore
from identity.use_cases.login import Login
from identity.use_cases.registration import Registration
from identity.use_cases.renewal import Renewal
from identity.use_cases.tokens import TokenDesk
from kernel import clock
from local.aws import Aws
from tests.simulator.tables import schema
from tests.unit.identity.local_keys import LocalKeys

_EMAIL: Final = "somchai@example.com"
_PASSWORD: Final = "an example passphrase"  # noqa: S105  # made up
_TERMS: Final = TokenTerms("https://issuer.example.com", "credit-engine")
_CLIENT: Final = ClientAddress("203.0.113.17", is_certain=True)
_FAILURES_LIMIT: Final = 100


def identity_operations(aws: Aws) -> Iterator[tuple[str, Callable[[], object]]]:
    """Make an empty table, and yield what is to be done on it, one after another.

    Parameters
    ----------
    aws
        Where the table is to be, and where the engine's own client leads.
    """
    table = f"Identity-{secrets.token_hex(6)}"
    aws.dynamodb.create_table(TableName=table, **schema())
    keys = SigningKeys(LocalKeys(), ["current"])
    desk = TokenDesk(AccessTokenIssuer(keys, _TERMS, 900), 2_592_000)
    sessions = SessionStore(table)
    login = Login(LoginStore(table), sessions, desk, _FAILURES_LIMIT)

    def log_in() -> str:
        tokens = login.log_in(email=_EMAIL, password=_PASSWORD, client=_CLIENT, now=clock.now())
        return tokens.refresh_token

    registration, renewal = Registration(UserStore(table)), Renewal(sessions, desk)
    yield (
        "register",
        lambda: registration.register(email=_EMAIL, password=_PASSWORD, now=clock.now()),
    )
    yield "log in from a new network", log_in
    yield "log in", log_in
    refresh_token = log_in()
    yield "refresh", lambda: renewal.renew(refresh_token=refresh_token, now=clock.now())
    verifier = AccessTokenVerifier(keys, _TERMS)
    access_token = AccessTokenIssuer(keys, _TERMS, 900).issue(
        "usr_0EXAMPLE0EXAMPLE0EXAMPLE12", clock.now()
    )
    yield "authorize", lambda: verifier.user_id(access_token)
