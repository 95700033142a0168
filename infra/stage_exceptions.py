"""What a stage leaves out on purpose, and the rules that ask for it.

They hold for a whole stage, because so does the setting. Production has none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from infra.acknowledgements import acknowledge
from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import IConstruct


class Omission(NamedTuple):
    """A setting that is off, why, and the rules that want it on."""

    setting: str
    reason: str
    rules: Sequence[str]


OMISSIONS: Final = (
    Omission(
        "private_network",
        "A stage without a network: no customers' data, and no costs by the hour (ADR 16).",
        ("PCI.DSS.321-LambdaInsideVPC", "CKV_AWS_117"),
    ),
    Omission(
        "customer_managed_keys",
        "A stage without customers' data: AWS's own keys encrypt it (ADR 16).",
        (
            "PCI.DSS.321-CloudWatchLogGroupEncrypted",
            "PCI.DSS.321-S3DefaultEncryptionKMS",
            "PCI.DSS.321-SNSEncryptedKMS",
            "PCI.DSS.321-SecretsManagerUsingKMSKey",
            "CKV_AWS_26",
            "CKV_AWS_27",
            "CKV_AWS_119",
            "CKV_AWS_149",
            "CKV_AWS_158",
        ),
    ),
    Omission(
        "point_in_time_recovery",
        "A stage whose data is made up, and deleted with its stack (ADR 16).",
        ("AwsSolutions-DDB3", "CKV_AWS_28"),
    ),
    Omission(
        "retain_data",
        "A stage whose data is made up, and deleted with its stack (ADR 16).",
        ("PCI.DSS.321-S3BucketVersioningEnabled", "CKV_AWS_21"),
    ),
    Omission(
        "firewall",
        "A stage for development: the gateway's throttling bounds what it can cost (ADR 16).",
        ("AwsSolutions-APIG3", "PCI.DSS.321-APIGWAssociatedWithWAF"),
    ),
    Omission(
        "access_logs",
        "The emulator's stage: the front door is local, and the emulator keeps no access logs.",
        (
            "AwsSolutions-APIG1",
            "AwsSolutions-APIG6",
            "AwsSolutions-S1",
            "PCI.DSS.321-APIGWExecutionLoggingEnabled",
            "PCI.DSS.321-S3BucketLoggingEnabled",
            "Serverless-APIGWAccessLogging",
            "CKV_AWS_18",
            "CKV_AWS_76",
        ),
    ),
    Omission(
        "tracing",
        "The emulator's stage: there is no X-Ray on this machine; `make trace` reads the logs.",
        (
            "AwsSolutions-SF2",
            "Serverless-APIGWXrayEnabled",
            "Serverless-LambdaTracing",
            "Serverless-StepFunctionStateMachineXray",
            "CKV_AWS_73",
        ),
    ),
)


def acknowledge_omissions(stack: IConstruct, settings: StageSettings) -> None:
    """Except a stage from the rules that ask for what its settings leave out.

    Parameters
    ----------
    stack
        The stage's stack, with everything in it.
    settings
        Its settings.
    """
    for omission in OMISSIONS:
        if not getattr(settings, omission.setting):
            acknowledge(stack, omission.reason, *omission.rules)
