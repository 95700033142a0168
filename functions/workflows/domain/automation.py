"""Automations: what the operator sells, and at what price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import DomainError

Json = Any  # a value as `json.loads` makes it


class AutomationNotFoundError(DomainError):
    """The catalogue holds no such automation."""

    code = "automation_not_found"


@dataclass(frozen=True, slots=True)
class Automation:
    """One entry of the catalogue, as far as users see it.

    `credit_cost` is in credits; `parameters_schema` is JSON Schema 2020-12.
    """

    id: str
    name: str
    description: str
    credit_cost: int
    parameters_schema: Mapping[str, Json]


class Catalogue:
    """The automations of one stage, in the operator's order."""

    def __init__(self, automations: Iterable[Automation]) -> None:
        self._by_id = {automation.id: automation for automation in automations}

    def __iter__(self) -> Iterator[Automation]:
        return iter(self._by_id.values())

    def automation(self, automation_id: str) -> Automation:
        """Return an automation.

        Raises
        ------
        AutomationNotFoundError
            If there is none of this id, or none any more.
        """
        try:
            return self._by_id[automation_id]
        except KeyError:
            raise AutomationNotFoundError("There is no such automation.") from None

    def credit_cost(self, automation_id: str) -> int | None:
        """Return today's price of a run in credits; None if the automation is no longer sold."""
        automation = self._by_id.get(automation_id)
        return automation.credit_cost if automation else None
