"""The vault: card details in, a token for one charge out."""

from dataclasses import replace

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.cards import profile_card, require_unexpired
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.payload import Parameters, integer, mapping, text
from local.omise_sandbox.records import Card, Token


class Vault:
    """Makes and redeems tokens.

    Parameters
    ----------
    archive
        Where they are kept.
    clock
        Says which cards have expired.
    """

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock

    def create(self, parameters: Parameters) -> Token:
        """Tokenise a card.

        Parameters
        ----------
        parameters
            ``card``: ``name``, ``number``, ``expiration_month``, ``expiration_year``, and perhaps
            ``security_code``, ``city``, ``postal_code``.

        Raises
        ------
        OmiseError
            ``invalid_card``: the number, the date or the name is no good.
        """
        now = self._clock.now()
        card = _read_card(mapping(parameters, "card"), now)
        token = Token(id=new_id("tokn"), created_at=now, card=card)
        self._archive.tokens.put(token)
        return token

    def redeem(self, identifier: str) -> Card:
        """Return a token's card and use the token up.

        Raises
        ------
        OmiseError
            ``not_found``, or ``used_token``: tokens are for one use.
        """
        token = self._archive.tokens.get(identifier)
        if token.used:
            raise OmiseError("used_token", "token was already used")
        self._archive.tokens.put(replace(token, used=True))
        return token.card


def _read_card(fields: Parameters, now: int) -> Card:
    name = text(fields, "name")
    if name is None:
        raise OmiseError("invalid_card", "name can't be blank")
    profile = profile_card(text(fields, "number") or "")
    month = integer(fields, "expiration_month", "invalid_card") or 0
    year = integer(fields, "expiration_year", "invalid_card") or 0
    require_unexpired(month, year, now)
    return Card(
        id=new_id("card"),
        created_at=now,
        brand=profile.brand,
        last_digits=profile.last_digits,
        name=name,
        expiration_month=month,
        expiration_year=year,
        city=text(fields, "city"),
        postal_code=text(fields, "postal_code"),
        failure_code=profile.failure_code,
        challenge=profile.challenge,
    )
