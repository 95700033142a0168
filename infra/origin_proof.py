"""How the API knows a request of its own CloudFront distribution: a secret that this one adds.

Anybody can put any distribution of theirs, or nothing at all, in front of the regional endpoint. So
what CloudFront says of a client's address counts only beside this secret. CloudFormation fills it
into the distribution and the firewall; functions read it from Secrets Manager.
"""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.keys import removal_policy
from infra.settings import StageSettings

_LENGTH: Final = 48


class OriginProof(Construct):
    """The secret between the distribution and the API.

    Parameters
    ----------
    scope
        The service that reads it.
    settings
        The stage's settings; another name makes another secret.
    key
        What encrypts it, if not Secrets Manager's own key.

    Attributes
    ----------
    secret
        The secret.
    """

    def __init__(self, scope: Construct, settings: StageSettings, key: kms.IKey | None) -> None:
        super().__init__(scope, f"OriginProof-{settings.origin_proof}")
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            description=f"Credit Engine {settings.stage}: what CloudFront adds to its requests",
            encryption_key=key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=_LENGTH, exclude_punctuation=True
            ),
            removal_policy=removal_policy(settings),
        )
        acknowledge(
            self.secret,
            "Rotated by a deployment, which brings it to CloudFront at once: another origin_proof.",
            "AwsSolutions-SMG4",
        )

    @property
    def value(self) -> str:
        """A reference that CloudFormation resolves; the value is in no template."""
        return self.secret.secret_value.unsafe_unwrap()
