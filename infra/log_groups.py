"""Log groups: kept as long as the stage says, encrypted with the service's key where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

from infra.keys import removal_policy
from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import Construct

_RETENTION: Final[Mapping[int, logs.RetentionDays]] = {
    1: logs.RetentionDays.ONE_DAY,
    14: logs.RetentionDays.TWO_WEEKS,
    90: logs.RetentionDays.THREE_MONTHS,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
}


def make_log_group(
    scope: Construct,
    name: str,
    settings: StageSettings,
    key: kms.IKey | None,
    log_group_name: str | None = None,
) -> logs.LogGroup:
    """Make a log group.

    Parameters
    ----------
    scope, name
        Where it belongs in the tree.
    settings
        The stage's settings.
    key
        What encrypts it, if not CloudWatch's own key.
    log_group_name
        What it is called, where a service insists on a name.
    """
    return logs.LogGroup(
        scope,
        name,
        log_group_name=log_group_name,
        retention=_RETENTION[settings.log_retention_days],
        removal_policy=removal_policy(settings),
        encryption_key=key,
    )
