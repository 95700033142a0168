"""The rules that every stage has to keep: cdk-nag's packs, as validations of the synthesis.

PCI DSS 3.2.1 is the newest version that there is a pack for; docs/security.md goes through 4.0.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks, NagPack, PCIDSS321Checks, ServerlessChecks

if TYPE_CHECKING:
    from aws_cdk import App
    from constructs import IConstruct

PACKS: Final = (AwsSolutionsChecks, ServerlessChecks, PCIDSS321Checks)


def apply_rules(app: App) -> None:
    """Make an app's synthesis fail on what is not acknowledged beside its resource.

    Parameters
    ----------
    app
        The app, with its stack.
    """
    Validations.of(app).add_plugins(*rule_packs(app))


def rule_packs(scope: IConstruct) -> list[NagPack]:
    """Make the packs."""
    return [pack(scope) for pack in PACKS]
