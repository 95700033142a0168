"""The QR code: a real image of a PromptPay payload that pays nobody."""

import re

import pytest
import requests
import segno

from local.omise_sandbox.qr import checksum, promptpay_payload
from tests.unit.omise_sandbox.running import TIMEOUT_SECONDS, Gateway


def fields_of(payload: str) -> dict[str, str]:
    """Read an EMVCo payload: two digits of tag, two of length, the value, and so on."""
    fields = {}
    while payload:
        length = int(payload[2:4])
        fields[payload[:2]] = payload[4 : 4 + length]
        payload = payload[4 + length :]
    return fields


def crc16(data: bytes) -> str:
    """Compute CRC-16/CCITT-FALSE bit by bit, as EMVCo's specification describes it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return f"{crc:04X}"


@pytest.mark.parametrize(
    ("satang", "baht"), [(2_000, "20.00"), (30_005, "300.05"), (15_000_000, "150000.00")]
)
def test_the_payload_asks_for_the_amount_in_baht(satang: int, baht: str) -> None:
    """Given an amount in satang, then the payload has it in baht, for Thailand, once."""
    fields = fields_of(promptpay_payload("chrg_test_5xq6zfexznf7wjh0aj3", satang))

    assert fields["54"] == baht
    assert (fields["00"], fields["01"]) == ("01", "12")
    assert (fields["53"], fields["58"]) == ("764", "TH")


def test_the_payload_names_the_charge_and_no_biller() -> None:
    """Given a charge, then it is the reference, and the biller is one that does not exist."""
    account = fields_of(fields_of(promptpay_payload("chrg_test_5xq6zfexznf7wjh0aj3", 2_000))["30"])

    assert account == {
        "00": "A000000677010112",
        "01": "0" * 15,
        "02": "5XQ6ZFEXZNF7WJH0AJ3",
    }


def test_the_checksum_is_the_specified_one() -> None:
    """Given a published PromptPay payload, and one of ours, then their checksums are right."""
    published = "00020101021129370016A0000006770101110113006681234567853037645802TH6304"
    ours = promptpay_payload("chrg_test_5xq6zfexznf7wjh0aj3", 2_000)

    assert checksum(published) == "823E"
    assert ours[-4:] == crc16(ours[:-4].encode())


def test_the_image_is_the_qr_code_of_the_payload(gateway: Gateway) -> None:
    """Given the download address, then anyone who has it gets the SVG with the code drawn."""
    charge = gateway.promptpay_charge()
    source = charge["source"]
    assert isinstance(source, dict)
    uri = source["scannable_code"]["image"]["download_uri"]

    response = requests.get(uri, timeout=TIMEOUT_SECONDS)

    assert response.headers["Content-Type"] == "image/svg+xml"
    payload = promptpay_payload(str(charge["id"]), 30_000)
    assert f"<desc>{payload}</desc>" in response.text
    code = segno.make(payload, error="m", micro=False)
    assert re.findall(r' d="(M4[^"]*)"', response.text) == re.findall(
        r' d="(M4[^"]*)"', code.svg_inline(scale=8)
    )


def test_the_image_needs_its_unguessable_address(gateway: Gateway) -> None:
    """Given another key in the address, then there is no image."""
    charge = gateway.promptpay_charge()
    source = charge["source"]
    assert isinstance(source, dict)
    uri = str(source["scannable_code"]["image"]["download_uri"])

    response = requests.get(uri[:-1] + "!", timeout=TIMEOUT_SECONDS)

    assert response.status_code == 404
