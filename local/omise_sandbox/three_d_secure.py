"""3-D Secure: which card charges ask the cardholder, and what the answer means."""

from typing import Final, Literal, get_args

from local.omise_sandbox.cards import Challenge
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.records import Card
from local.omise_sandbox.store import Store

Policy = Literal["by_card", "always", "never"]

_SETTING: Final = "three_d_secure"


class ThreeDSecure:
    """The account's 3-D Secure setting.

    ``by_card``, the default, challenges the cards that `local.omise_sandbox.cards` names;
    ``always`` every charge that has a ``return_uri``, as an account does for which Omise has
    turned 3-D Secure on; ``never`` none.

    Parameters
    ----------
    store
        Where the setting is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def policy(self) -> Policy:
        """The setting."""
        stored = self._store.setting(_SETTING, "by_card")
        return next(policy for policy in get_args(Policy) if policy == stored)

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._store.change_setting(_SETTING, policy)

    def challenge(self, card: Card, return_uri: str | None) -> Challenge:
        """Return how a charge of this card is challenged; without a ``return_uri`` it is not."""
        if return_uri is None or self.policy == "never":
            return "none"
        if self.policy == "always" and card.challenge == "none":
            return "passable"
        return card.challenge


def failure_of_challenge(charge: Charge, *, passed: bool) -> str | None:
    """Return why a charge fails after its challenge, or none if it is paid.

    Parameters
    ----------
    charge
        The charge.
    passed
        Whether the cardholder did what was asked.
    """
    if not passed or charge.challenge == "always_fails":
        return "payment_rejected"
    return charge.card.failure_code if charge.card else None
