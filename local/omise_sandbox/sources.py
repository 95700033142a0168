"""Payment sources: ways to pay other than a card. This account has PromptPay."""

from dataclasses import replace

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.charge_request import parse_amount, parse_currency
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.payload import Parameters, text
from local.omise_sandbox.records import Source


class SourceDesk:
    """Makes sources and binds them to charges.

    Parameters
    ----------
    archive
        Where they are kept.
    clock
        Says when they were made.
    """

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock

    def create(self, parameters: Parameters) -> Source:
        """Make a source.

        Parameters
        ----------
        parameters
            ``type`` (``promptpay``), ``amount`` in satang, ``currency``; perhaps ``email``,
            ``name``, ``phone_number``.

        Raises
        ------
        OmiseError
            ``bad_request``: one of them is not supported.
        """
        if text(parameters, "type") != "promptpay":
            raise OmiseError("bad_request", "type is currently not supported")
        source = Source(
            id=new_id("src"),
            created_at=self._clock.now(),
            amount=parse_amount(parameters, "bad_request"),
            currency=parse_currency(parameters, "bad_request"),
            type="promptpay",
            email=text(parameters, "email"),
            name=text(parameters, "name"),
            phone_number=text(parameters, "phone_number"),
        )
        self._archive.sources.put(source)
        return source

    def bind(self, identifier: str, charge_id: str, amount: int) -> Source:
        """Use a source for a charge and return it.

        Raises
        ------
        OmiseError
            ``not_found``; ``bad_request``: it was used before, or is for another amount.
        """
        source = self._archive.sources.get(identifier)
        if source.charge_id is not None:
            raise OmiseError("bad_request", "source was already used")
        if source.amount != amount:
            raise OmiseError("bad_request", "amount does not match the amount of the source")
        bound = replace(source, charge_id=charge_id)
        self._archive.sources.put(bound)
        return bound
