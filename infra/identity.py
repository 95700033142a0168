"""The identity service: users, sessions, and the keys that sign access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.functions import FunctionFactory, Size
from infra.keys import removal_policy, service_key
from infra.operators import OPERATOR_LOG
from infra.origin_proof import OriginProof
from infra.routes import AUTHORIZER
from infra.settings import StageSettings
from infra.tables import PUT, READ, UPDATE, ServiceTable

_AUDIENCE: Final = "credit-engine"
# Argon2id takes 46 MiB and all the CPU that it gets; a full core comes with 1,769 MB.
_HASHING: Final = Size(memory_mb=1_769)
# Half a millisecond of CPU: at twice the usual memory it takes half the time, for the same price.
_EVERY_REQUEST: Final = Size(memory_mb=1_024)


class Identity(Construct):
    """Registers users, logs them in, and authorizes every request that is not public.

    Attributes
    ----------
    table
        The service's table.
    functions
        The functions that serve routes, by folder.
    authorizer
        The function that the gateway asks before it lets a request through.
    operations
        What operators invoke.
    origin_proof
        By which a request is known that came through the console's CloudFront, where there is one.
    """

    def __init__(self, scope: Construct, settings: StageSettings, factory: FunctionFactory) -> None:
        super().__init__(scope, "Identity")
        self._settings = settings
        self._factory = factory
        self._key = service_key(self, settings)
        self._signing_keys = [self._signing_key(name) for name in settings.signing_keys]
        self.table = ServiceTable(self, settings, self._key, expires=True)
        self.origin_proof = (
            OriginProof(self, settings, self._key) if settings.hosts_console else None
        )
        self.functions = {
            "identity/register": self._register(),
            "identity/login": self._login(),
            "identity/session": self._session(),
            "identity/profile": self._profile(),
        }
        self.authorizer = self._authorizer()
        self.operations = self._operations()

    def _register(self) -> lambda_.Function:
        function = self._make("identity/register", self._storage, _HASHING)
        self.table.allow(function, PUT, "EMAIL", "USER")
        return function

    def _login(self) -> lambda_.Function:
        secret = self.origin_proof.secret if self.origin_proof else None
        about = {
            "ADDRESS_FAILURES_LIMIT": str(self._settings.address_failures_limit),
            "ORIGIN_PROOF_SECRET_ARN": secret.secret_arn if secret else "-",
        }
        function = self._make(
            "identity/login", {**self._storage, **self._issuing, **about}, _HASHING
        )
        if secret:
            secret.grant_read(function)
        self.table.allow(function, READ + UPDATE, "EMAIL", "ADDRESS")
        self.table.allow(function, PUT, "SESSION")
        self._allow_signing(function)
        return function

    def _session(self) -> lambda_.Function:
        function = self._make("identity/session", {**self._storage, **self._issuing})
        self.table.allow(function, READ + UPDATE, "SESSION")
        self._allow_signing(function)
        return function

    def _profile(self) -> lambda_.Function:
        keys = {"SIGNING_KEY_IDS": self._signing_key_arns}
        function = self._make("identity/profile", {**self._storage, **keys})
        self.table.allow(function, READ, "USER")
        self._allow_verifying(function)
        return function

    def _authorizer(self) -> lambda_.Function:
        function = self._make(AUTHORIZER, self._verifying, _EVERY_REQUEST)
        self._allow_verifying(function)
        return function

    def _operations(self) -> lambda_.Function:
        function = self._make("identity/operations", self._storage)
        self.table.allow(function, READ, "EMAIL", "USER")
        self.table.allow(function, READ + PUT, OPERATOR_LOG)
        return function

    def _make(
        self, name: str, environment: Mapping[str, str], size: Size | None = None
    ) -> lambda_.Function:
        return self._factory.make(self, name, environment, size=size, key=self._key)

    @property
    def _storage(self) -> dict[str, str]:
        return {"IDENTITY_TABLE_NAME": self.table.name}

    @property
    def _verifying(self) -> dict[str, str]:
        return {
            "SIGNING_KEY_IDS": self._signing_key_arns,
            "TOKEN_ISSUER": f"https://credit-engine.{self._settings.stage}",
            "TOKEN_AUDIENCE": _AUDIENCE,
        }

    @property
    def _issuing(self) -> dict[str, str]:
        return {
            **self._verifying,
            "ACCESS_TOKEN_SECONDS": str(self._settings.access_token_seconds),
            "REFRESH_TOKEN_SECONDS": str(self._settings.refresh_token_seconds),
        }

    @property
    def _signing_key_arns(self) -> str:
        return ",".join(key.key_arn for key in self._signing_keys)

    def _signing_key(self, name: str) -> kms.Key:
        """Make a key that signs, and that nobody can export (ES256, RFC 7518 section 3.4)."""
        return kms.Key(
            self,
            f"SigningKey-{name}",
            description=f"Credit Engine {self._settings.stage}: access tokens, {name}",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=removal_policy(self._settings),
        )

    def _allow_signing(self, grantee: iam.IGrantable) -> None:
        """Let a function sign with the first key, and verify with all."""
        self._signing_keys[0].grant(grantee, "kms:Sign")
        self._allow_verifying(grantee)

    def _allow_verifying(self, grantee: iam.IGrantable) -> None:
        for key in self._signing_keys:
            key.grant(grantee, "kms:GetPublicKey")
