"""What operators can ask about disputes. Invoked directly, never by the API.

==================  =============================  ============================================
operation           parameters                     result
==================  =============================  ============================================
`show_dispute`      `purchase_id`                  the dispute as Omise keeps it
`answer_dispute`    `purchase_id`, `message`       the dispute; Omise passes the message on
`accept_dispute`    `purchase_id`, `reason`        the dispute, lost; the credits follow
==================  =============================  ============================================

Event, answer and records: `kernel.operators.operations`. A function of its own, because it has
Omise's keys and no right to write to any ledger; `billing/operations` has it the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billing.adapters.omise_disputes import OmiseDisputes
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.secrets import OmiseSecretReader
from billing.dispute.answering import Disputes
from kernel import settings
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Desk


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    omise_secret_arn: str


_settings: Final = settings.read(Settings)
_log: Final = OperatorLog(_settings.billing_table_name)
_disputes: Final = Disputes(
    PurchaseStore(_settings.billing_table_name),
    OmiseDisputes(OmiseSecretReader(_settings.omise_secret_arn).current),
    _log,
)
handler: Final = Desk(_disputes.operations(), _log)
