"""The account's objects, one typed collection for each kind."""

from local.omise_sandbox.charge import Charge
from local.omise_sandbox.records import Delivery, Dispute, Event, Refund, Source, Token
from local.omise_sandbox.store import Collection, Store


class Archive:
    """All collections of one store.

    Parameters
    ----------
    store
        Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self.transaction = store.transaction
        self.charges = Collection(store, "charge", Charge)
        self.tokens = Collection(store, "token", Token)
        self.sources = Collection(store, "source", Source)
        self.refunds = Collection(store, "refund", Refund)
        self.disputes = Collection(store, "dispute", Dispute)
        self.events = Collection(store, "event", Event)
        self.deliveries = Collection(store, "webhook_delivery", Delivery)
