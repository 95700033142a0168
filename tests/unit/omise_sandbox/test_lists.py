"""Lists: windows by time and position, asked for in a query string or in the body of a GET."""

import pytest

from tests.unit.omise_sandbox.running import Gateway, Json


def ids(page: Json) -> list[object]:
    """Return the ids in a list, in its order."""
    data = page["data"]
    assert isinstance(data, list)
    return [item["id"] for item in data]


def test_charges_come_oldest_first_twenty_at_a_time(gateway: Gateway) -> None:
    """Given 21 charges, then the first page has the 20 oldest and tells the total."""
    charges = [gateway.promptpay_charge()["id"] for _ in range(21)]

    page = gateway.get("/charges")

    assert ids(page) == charges[:20]
    assert (page["total"], page["limit"], page["offset"]) == (21, 20, 0)
    assert (page["object"], page["order"], page["location"]) == (
        "list",
        "chronological",
        "/charges",
    )
    assert ids(gateway.get("/charges?offset=20")) == charges[20:]


def test_the_newest_come_first_on_request(gateway: Gateway) -> None:
    """Given ``order=reverse_chronological``, then the newest charge leads."""
    charges = [gateway.promptpay_charge()["id"] for _ in range(3)]

    page = gateway.get("/charges?order=reverse_chronological&limit=2")

    assert ids(page) == [charges[2], charges[1]]


def test_a_get_may_carry_its_parameters_in_the_body(gateway: Gateway) -> None:
    """Given a JSON body, nulls and all, as the omise package sends it, then it counts."""
    charges = [gateway.promptpay_charge()["id"] for _ in range(3)]

    body = {"limit": 1, "offset": 1, "order": None, "from": None, "to": None}
    page = gateway.call("GET", "/charges", body).json()

    assert ids(page) == [charges[1]]


def test_a_list_is_bounded_in_time(gateway: Gateway) -> None:
    """Given ``from`` and ``to``, then what was made before or after is left out."""
    before = gateway.promptpay_charge()
    gateway.control("clock", {"advance_seconds": 100})
    within = gateway.promptpay_charge()
    gateway.control("clock", {"advance_seconds": 100})
    gateway.promptpay_charge()

    moment = within["created_at"]

    assert ids(gateway.get(f"/charges?from={moment}&to={moment}")) == [within["id"]]
    assert ids(gateway.get(f"/charges?to={moment}")) == [before["id"], within["id"]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_page"),
        ("limit=101", "invalid_page"),
        ("limit=many", "invalid_page"),
        ("offset=-1", "invalid_page"),
        ("order=random", "invalid_filters"),
        ("from=soon", "invalid_filters"),
    ],
)
def test_a_bad_window_is_refused(gateway: Gateway, query: str, code: str) -> None:
    """Given a parameter out of its bounds, then 400."""
    assert gateway.refusal("GET", f"/charges?{query}") == (400, code)


def test_events_are_listed_in_all_and_per_charge(gateway: Gateway) -> None:
    """Given events of two charges, then there is a list of all and one of each charge's."""
    first = gateway.card_charge()
    second = gateway.promptpay_charge()
    gateway.post(f"/charges/{second['id']}/mark_as_paid")

    everything = gateway.get("/events")
    of_second = gateway.get(f"/charges/{second['id']}/events")

    data = everything["data"]
    assert isinstance(data, list)
    assert [event["key"] for event in data] == ["charge.create", "charge.create", "charge.complete"]
    assert data[0]["data"]["id"] == first["id"]
    assert ids(of_second) == ids(everything)[1:]


def test_an_event_shows_its_deliveries(gateway: Gateway) -> None:
    """Given a delivered event, then it lists where it went and what came back."""
    gateway.card_charge()
    delivery = gateway.deliveries(1)[0]

    event = gateway.get(f"/events/{delivery['event_id']}")

    deliveries = event["webhook_deliveries"]
    assert isinstance(deliveries, list)
    assert (deliveries[0]["id"], deliveries[0]["status"]) == (delivery["id"], 200)
