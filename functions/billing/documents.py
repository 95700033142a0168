"""What billing shows: the documents that its routes answer, and what the members mean."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from billing.domain.account import GrantKind
from billing.domain.entry import EntryType
from billing.domain.packages import MAX_AMOUNT_SATANG, MIN_AMOUNT_SATANG
from billing.domain.purchase_parts import PaymentMethod, PurchaseStatus, Source
from kernel.schema import Credits, EntryId, GrantId, PurchaseId, Satang, Says, Time

PackageId = Annotated[str, Says(pattern="^[a-z][a-z0-9-]{0,31}$", examples=["starter"])]
Price = Annotated[
    int,
    Says(
        "The price in the smallest unit: 100 satang are 1 baht.",
        minimum=MIN_AMOUNT_SATANG,
        maximum=MAX_AMOUNT_SATANG,
        examples=[9900],
    ),
]
Currency = Annotated[Literal["THB"], Says("ISO 4217.")]
Uri = Annotated[str, Says(format="uri")]


class PackageDocument(TypedDict):
    """A package on sale."""

    id: PackageId
    name: Annotated[str, Says(examples=["Starter"])]
    credits: Annotated[Credits, Says("Credits that are paid for.", examples=[100])]
    bonus_credits: Annotated[Credits, Says("Credits on top.", examples=[0])]
    amount: Price
    currency: Currency
    expires_after_days: Annotated[
        int | None, Says("Days from the payment until the credits expire; null: never.")
    ]


class PackagesDocument(TypedDict):
    """Everything that can be bought."""

    data: list[PackageDocument]


class PaymentMethodDocument(TypedDict):
    """How a purchase is paid; a card's token is never shown."""

    type: PaymentMethod


class PaymentDocument(TypedDict):
    """What the payer needs."""

    charge_id: Annotated[str, Says("The charge at Omise.", examples=["chrg_test_5xuy4w91xqz7"])]
    qr_code_uri: Annotated[Uri | None, Says("PromptPay: the QR code to show.")]
    authorize_uri: Annotated[Uri | None, Says("Card: where to send the payer for 3-D Secure.")]
    expires_at: Annotated[Time | None, Says("Until when it can be paid.")]


class FailureDocument(TypedDict):
    """Why there is no money."""

    code: Annotated[
        str, Says("Omise's failure code, or one of ours.", examples=["insufficient_fund"])
    ]
    message: Annotated[str, Says("A sentence for a person.")]


class StatusChangeDocument(TypedDict):
    """One step of a purchase."""

    at: Time
    status: PurchaseStatus
    source: Annotated[Source, Says("Who found out about it.")]


class PurchaseDocument(TypedDict):
    """A purchase of one package, at the price of then.

    `pending → completed | failed | expired`; `expired | failed → completed` when Omise confirms
    money late; `completed → disputed → completed | refunded`; `completed → refunded`.
    """

    id: PurchaseId
    status: PurchaseStatus
    package_id: PackageId
    credits: Credits
    bonus_credits: Credits
    amount: Price
    currency: Currency
    payment_method: PaymentMethodDocument
    payment: Annotated[PaymentDocument | None, Says("Null until the charge exists.")]
    failure: Annotated[FailureDocument | None, Says("Null unless it failed.")]
    history: Annotated[list[StatusChangeDocument], Says("Every status, oldest first.")]
    refunded_amount: Annotated[Satang, Says("What went back to the payer so far, in satang.")]
    created_at: Time
    updated_at: Time
    completed_at: Annotated[Time | None, Says("When the credits arrived.")]


class PurchaseListDocument(TypedDict):
    """A page of purchases, newest first."""

    data: list[PurchaseDocument]
    next_cursor: Annotated[str | None, Says("Send it as `cursor` for the next page; null: none.")]


class GrantDocument(TypedDict):
    """Credits that came in together and expire together."""

    id: GrantId
    kind: GrantKind
    remaining: Annotated[Credits, Says("Credits that can still be spent.")]
    granted: Annotated[Credits, Says("Credits that it began with.")]
    expires_at: Annotated[Time | None, Says("Null: never.")]
    source: Annotated[str, Says("The record that it came from, such as a purchase's id.")]


class AccountDocument(TypedDict):
    """What a user has."""

    balance: Annotated[Credits, Says("Credits that can be spent now.")]
    held: Annotated[Credits, Says("Credits set aside for what is under way.")]
    debt: Annotated[Credits, Says("Credits owed after a refund; the next purchase repays them.")]
    grants: Annotated[list[GrantDocument], Says("What the balance is made of.")]
    as_of_entry: Annotated[int, Says("The last ledger entry's number; 0: none yet.", minimum=0)]


class MovementDocument(TypedDict):
    """What an entry took out of a grant (negative) or put into it."""

    grant_id: GrantId
    amount: Annotated[int, Says("Signed credits.")]


class ReferenceDocument(TypedDict):
    """The record that caused an entry."""

    kind: Annotated[str, Says(examples=["purchase"])]
    id: Annotated[str, Says(examples=["pur_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"])]


class EntryDocument(TypedDict):
    """One change of an account; never altered afterwards."""

    id: EntryId
    entry_no: Annotated[int, Says("Gapless from 1 in each account.", minimum=1)]
    type: EntryType
    amount: Annotated[int, Says("Signed credits by which the balance changed.")]
    balance_after: Credits
    held_after: Credits
    grants: Annotated[list[MovementDocument], Says("Which grants it touched.")]
    reference: ReferenceDocument
    created_at: Time


class EntryListDocument(TypedDict):
    """A page of ledger entries, newest first."""

    data: list[EntryDocument]
    next_cursor: Annotated[str | None, Says("Send it as `cursor` for the next page; null: none.")]


class ReceivedDocument(TypedDict):
    """The receipt that Omise gets for an event."""

    received: Literal[True]
