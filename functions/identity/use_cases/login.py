"""Logging in: a password becomes a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from identity.adapters import password_hashes
from identity.adapters.client_address import ClientAddress
from identity.adapters.failure_counter import (
    FailureCounter,
    FailuresChangedError,
    OutdatedReadError,
)
from identity.adapters.login_store import LoginRecord, LoginStore
from identity.adapters.session_store import SessionStore
from identity.domain import known_networks, login_throttle
from identity.domain.email_address import login_digest
from identity.domain.known_networks import KnownNetwork, network_digest
from identity.domain.login_throttle import Failures, TooManyAttemptsError
from identity.domain.refresh_tokens import RefreshToken
from identity.domain.sessions import Session
from identity.domain.users import Credential, InvalidCredentialsError
from identity.use_cases.tokens import TokenDesk, Tokens
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import security_event

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True, repr=False)
class _Attempt:
    """One attempt to log in, and what was read for it.

    Nothing is known, and nothing gets known, of a network that is not certain.
    """

    email_digest: str
    network: str
    is_network_certain: bool
    password: str
    now: datetime
    record: LoginRecord

    @property
    def credential(self) -> Credential | None:
        return self.record.credential

    @property
    def user_id(self) -> str | None:
        return self.credential.user_id if self.credential else None

    @property
    def network_digest(self) -> str:
        return network_digest(self.email_digest, self.network)

    @property
    def known_network(self) -> KnownNetwork | None:
        """The network it came from, if the account's owner logged in from there before."""
        if not self.is_network_certain:
            return None
        return known_networks.find(self.record.known_networks, self.network_digest, self.now)

    @property
    def failures(self) -> Failures | None:
        """The failures on the account that count for this attempt."""
        known = self.known_network
        return known.failures if known else self.record.account_failures


class Login:
    """Checks passwords and opens sessions.

    An address without an account costs the same reads, hashes and writes as a wrong password, is
    counted and throttled alike, and gets the same answer.

    Parameters
    ----------
    logins
        Credentials and failures.
    sessions
        Where sessions are stored.
    desk
        Issues the tokens.
    address_failures_limit
        How many failures a client address is allowed in 15 minutes.
    """

    def __init__(
        self,
        logins: LoginStore,
        sessions: SessionStore,
        desk: TokenDesk,
        address_failures_limit: int,
    ) -> None:
        self._logins = logins
        self._sessions = sessions
        self._desk = desk
        self._address_failures_limit = address_failures_limit

    def log_in(self, *, email: str, password: str, client: ClientAddress, now: datetime) -> Tokens:
        """Open a session.

        Raises
        ------
        InvalidCredentialsError
            If address and password do not belong together.
        TooManyAttemptsError
            If the account or the client's address must wait.
        TemporarilyUnavailableError
            If DynamoDB or KMS does not answer.
        """
        digest, network = login_digest(email), login_throttle.network_of(client.text)
        for is_read_consistent in (False, True):
            record = self._logins.read(digest, network, consistent=is_read_consistent)
            attempt = _Attempt(digest, network, client.is_certain, password, now, record)
            try:
                return self._try(attempt)
            except OutdatedReadError:  # registered a moment ago, for example
                continue
        raise TemporarilyUnavailableError("The service is busy. Try again.")

    def _try(self, attempt: _Attempt) -> Tokens:
        self._refuse_if_throttled(attempt)
        claimed = self._claim(attempt)
        credential = attempt.credential
        matches = password_hashes.matches(
            credential.password_hash if credential else None, attempt.password
        )
        if credential is None or not matches:
            self._refuse(attempt, claimed)
        self._settle(attempt, credential)
        return self._open_session(credential.user_id, attempt.now)

    def _refuse_if_throttled(self, attempt: _Attempt) -> None:
        record, now = attempt.record, attempt.now
        limit = self._address_failures_limit
        address_wait = login_throttle.address_wait(record.address_failures, limit, now)
        if address_wait > _ZERO:
            _refuse_throttled("address", attempt, address_wait)
        account_wait = login_throttle.account_wait(attempt.failures, now)
        if account_wait > _ZERO:
            _refuse_throttled("account", attempt, account_wait)

    def _claim(self, attempt: _Attempt) -> Failures | None:
        """Count the attempt as a failure before it is checked, where attempts go one by one."""
        seen, now = attempt.failures, attempt.now
        if seen is None or not login_throttle.must_be_claimed(seen, now):
            return None
        try:
            return self._account_counter(attempt).claim(seen, now)
        except FailuresChangedError:
            _refuse_throttled("account", attempt, login_throttle.delay_after(seen.count + 1))

    def _refuse(self, attempt: _Attempt, claimed: Failures | None) -> NoReturn:
        record, now = attempt.record, attempt.now
        failures = claimed or self._account_counter(attempt).count(attempt.failures, now)
        self._logins.address_counter(attempt.network).count(record.address_failures, now)
        reason = "wrong_password" if attempt.credential else "unknown_email"
        security_event("LoginFailed", reason, user_id=attempt.user_id, failures=failures.count)
        delay = login_throttle.delay_after(failures.count)
        if delay > _ZERO:
            raise TooManyAttemptsError(delay)
        raise InvalidCredentialsError

    def _settle(self, attempt: _Attempt, credential: Credential) -> None:
        self._note_success(attempt)
        if password_hashes.is_outdated(credential.password_hash):
            new_hash = password_hashes.hashed(attempt.password)
            self._logins.replace_hash(attempt.email_digest, credential.password_hash, new_hash)

    def _note_success(self, attempt: _Attempt) -> None:
        if attempt.is_network_certain:
            self._note_network(attempt)
        elif attempt.failures is not None:
            self._logins.forget_failures(attempt.email_digest)

    def _note_network(self, attempt: _Attempt) -> None:
        known, digest, now = attempt.known_network, attempt.network_digest, attempt.now
        all_known = attempt.record.known_networks
        if attempt.failures is None and not known_networks.must_be_noted(all_known, known, now):
            return
        self._logins.note_success(
            attempt.email_digest,
            digest,
            now,
            forgotten_networks=known_networks.superseded(all_known, digest, now),
            forgets_strangers=known is None,
        )

    def _open_session(self, user_id: str, now: datetime) -> Tokens:
        token = RefreshToken.first_of_new_family()
        session = Session(token.family_id, user_id, token.digest, self._desk.expires_at(now))
        tokens = self._desk.tokens(session, token, now)
        self._sessions.add(session)
        return tokens

    def _account_counter(self, attempt: _Attempt) -> FailureCounter:
        known = attempt.known_network
        return self._logins.account_counter(
            attempt.email_digest,
            of_user=attempt.credential is not None,
            known_network=known.digest if known else None,
        )


def _refuse_throttled(reason: str, attempt: _Attempt, wait: timedelta) -> NoReturn:
    security_event("LoginThrottled", reason, user_id=attempt.user_id)
    raise TooManyAttemptsError(wait)
