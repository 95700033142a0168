"""The services' tables, and grants that reach only certain items of them.

Grants name actions and key prefixes: `dynamodb:LeadingKeys` keeps a role from every item whose
partition key begins otherwise. No role may update or delete an item under `LEDGER#`; that what is
put there replaces nothing is a condition of the one module that does it (ADR 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.keys import allow_use, removal_policy
from infra.settings import StageSettings

BY_USER: Final = "by_user"
READ: Final = ("GetItem", "BatchGetItem", "Query")
QUERY: Final = ("Query",)
WALK: Final = ("Scan", "Query")
PUT: Final = ("PutItem",)
UPDATE: Final = ("UpdateItem",)
DELETE: Final = ("DeleteItem",)


class ServiceTable(Construct):
    """One service's table: on demand, encrypted, and recoverable where the stage says so.

    Parameters
    ----------
    scope
        The service's construct.
    settings
        The stage's settings.
    key
        What encrypts it, if not DynamoDB's own key.
    expires
        Whether items with a `ttl` attribute (epoch seconds) vanish.
    lists_and_streams
        Whether it has the index by user and the stream that starts sagas.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        key: kms.IKey | None,
        *,
        expires: bool = False,
        lists_and_streams: bool = False,
    ) -> None:
        super().__init__(scope, "Data")
        self._key = key
        self.resource = dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
            encryption_key=key,
            time_to_live_attribute="ttl" if expires else None,
            stream=dynamodb.StreamViewType.NEW_IMAGE if lists_and_streams else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=settings.point_in_time_recovery
            ),
            deletion_protection=settings.deletion_protection,
            removal_policy=removal_policy(settings),
        )
        if lists_and_streams:
            self._add_index_by_user()

    @property
    def name(self) -> str:
        """The table's name, for a function's settings."""
        return self.resource.table_name

    def allow(self, grantee: iam.IGrantable, actions: Sequence[str], *prefixes: str) -> None:
        """Let a role do something with the items of certain kinds.

        Parameters
        ----------
        grantee
            The function.
        actions
            DynamoDB's actions, for example `READ + PUT`.
        *prefixes
            What the partition keys begin with: `PURCHASE` for `PURCHASE#…`; none means any.
        """
        self._grant(grantee, actions, prefixes, self.resource.table_arn)

    def allow_lists(self, grantee: iam.IGrantable, *prefixes: str) -> None:
        """Let a role read certain lists of the index by user, `PURCHASES` for `PURCHASES#…`."""
        self._grant(grantee, QUERY, prefixes, self._index_arn)

    def allow_walk(self, grantee: iam.IGrantable) -> None:
        """Let a role walk the index by user from end to end; it holds keys only."""
        self._grant(grantee, ("Scan",), (), self._index_arn)

    @property
    def _index_arn(self) -> str:
        return f"{self.resource.table_arn}/index/{BY_USER}"

    def _add_index_by_user(self) -> None:
        """Keep lists: keys only, so that an entry costs one write unit whatever the item holds."""
        self.resource.add_global_secondary_index(
            index_name=BY_USER,
            partition_key=_text("list_key"),
            sort_key=_text("listed_at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )

    def _grant(
        self, grantee: iam.IGrantable, actions: Sequence[str], prefixes: Sequence[str], arn: str
    ) -> None:
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(
                actions=[f"dynamodb:{action}" for action in actions],
                resources=[arn],
                conditions=_only_keys(prefixes) if prefixes else None,
            )
        )
        if self._key is not None:
            allow_use(self._key, grantee, "dynamodb")


def _only_keys(prefixes: Sequence[str]) -> dict[str, dict[str, object]]:
    keys = [f"{prefix}#*" for prefix in prefixes]
    return {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys},
        # ForAllValues also holds for a request that names no key at all.
        "Null": {"dynamodb:LeadingKeys": "false"},
    }


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
