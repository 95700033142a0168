"""What every role of a template may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.infra.synthesis import Json, Template, as_list, logical_ids


@dataclass(frozen=True)
class Permission:
    """One statement that a role has.

    Parameters
    ----------
    role
        The role's logical id.
    effect, actions, resources, conditions
        As in the statement.
    """

    role: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[Json, ...]
    conditions: Json

    def reaches(self, resource: str) -> bool:
        """Tell whether the statement names a resource, or everything."""
        return "*" in self.resources or resource in logical_ids(list(self.resources))

    @property
    def leading_keys(self) -> list[str]:
        """The partition keys that the statement is limited to."""
        keys: list[str] = self.conditions.get("ForAllValues:StringLike", {}).get(
            "dynamodb:LeadingKeys", []
        )
        return as_list(keys)


def permissions(template: Template) -> Iterator[Permission]:
    """List every statement of every policy, once per role that has it."""
    for policy in _policies(template):
        for role in logical_ids(policy.get("Roles", [])):
            yield from _statements(role, policy["PolicyDocument"])
    for role, properties in template.resources("AWS::IAM::Role").items():
        for policy in properties.get("Policies", []):
            yield from _statements(role, policy["PolicyDocument"])


def role_of(function: Json) -> str:
    """Return the logical id of a function's role."""
    return next(logical_ids(function["Role"]))


def _policies(template: Template) -> list[Json]:
    kinds = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    return [policy for kind in kinds for policy in template.resources(kind).values()]


def _statements(role: str, document: Json) -> Iterator[Permission]:
    for statement in as_list(document["Statement"]):
        yield Permission(
            role,
            statement["Effect"],
            tuple(as_list(statement.get("Action", []))),
            tuple(as_list(statement.get("Resource", []))),
            statement.get("Condition", {}),
        )
