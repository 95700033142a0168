"""Turning a request into a charge, as it is at its birth."""

import secrets
from dataclasses import replace
from typing import Final

from local.omise_sandbox import charge as lifecycle
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.charge_request import ChargeRequest
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.payload import Parameters
from local.omise_sandbox.sources import SourceDesk
from local.omise_sandbox.three_d_secure import ThreeDSecure
from local.omise_sandbox.tokens import Vault

_PROMPTPAY_SECONDS: Final = 24 * 3600
_CARD_SECONDS: Final = 7 * 24 * 3600


class ChargeMaker:
    """Makes charges of cards and sources, and uses these up.

    Parameters
    ----------
    vault
        Redeems card tokens.
    sources
        Binds sources.
    three_d_secure
        Says which charges are challenged.
    """

    def __init__(self, vault: Vault, sources: SourceDesk, three_d_secure: ThreeDSecure) -> None:
        self._vault = vault
        self._sources = sources
        self._three_d_secure = three_d_secure

    def make(self, request: ChargeRequest, now: int) -> Charge:
        """Return a new charge: a card that needs no challenge is charged already.

        Parameters
        ----------
        request
            What the merchant wants.
        now
            The time, in epoch seconds.

        Raises
        ------
        OmiseError
            ``not_found``, ``used_token`` or ``bad_request``: the token or source is no good.
        """
        if request.card is not None:
            return self._with_card(request, request.card, now)
        return self._with_source(request, now)

    def _with_card(self, request: ChargeRequest, token: str, now: int) -> Charge:
        card = self._vault.redeem(token)
        charge = _waiting(request, now, _CARD_SECONDS)
        challenge = self._three_d_secure.challenge(card, request.return_uri)
        charge = replace(charge, card=card, challenge=challenge)
        if challenge != "none":
            return replace(charge, authorize_id=new_id("paym"))
        if card.failure_code is not None:
            return lifecycle.decline(charge, card.failure_code)
        return lifecycle.approve(charge, now)

    def _with_source(self, request: ChargeRequest, now: int) -> Charge:
        charge = _waiting(request, now, _PROMPTPAY_SECONDS)
        identifier = request.source
        if isinstance(identifier, dict):
            terms: Parameters = {"amount": request.amount, "currency": request.currency}
            identifier = self._sources.create(identifier | terms).id
        return replace(
            charge,
            source=self._sources.bind(str(identifier), charge.id, request.amount),
            document_id=new_id("docu"),
            download_key=secrets.token_hex(8).upper(),
        )


def _waiting(request: ChargeRequest, now: int, payable_seconds: int) -> Charge:
    return Charge(
        id=new_id("chrg"),
        created_at=now,
        amount=request.amount,
        currency=request.currency,
        capture=request.capture,
        expires_at=request.expires_at or now + payable_seconds,
        description=request.description,
        metadata=request.metadata,
        return_uri=request.return_uri,
        ip=request.ip,
        webhook_endpoints=request.webhook_endpoints,
    )
