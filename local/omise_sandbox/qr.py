"""The QR code of a PromptPay charge: a real image of a real payload that pays nobody.

Payload: EMVCo QR Code Specification for Payment Systems, merchant-presented mode, with the Bank
of Thailand's bill payment template. The biller id is all zeros, which no biller has: a bank's app
that scans it by mistake refuses.
"""

import binascii
import io
from typing import Final

import segno

_BILL_PAYMENT_AID: Final = "A000000677010112"
_NOBODY: Final = "0" * 15
_LONGEST_REFERENCE: Final = 20
_BAHT: Final = "764"  # ISO 4217
_CRC_PREFIX: Final = "6304"


def promptpay_payload(charge_id: str, amount_satang: int) -> str:
    """Return the text that a banking app reads.

    Parameters
    ----------
    charge_id
        Becomes the payment's reference.
    amount_satang
        What is to be paid.
    """
    reference = charge_id.rsplit("_", 1)[-1].upper()[-_LONGEST_REFERENCE:]
    account = _field("00", _BILL_PAYMENT_AID) + _field("01", _NOBODY) + _field("02", reference)
    fields = (
        _field("00", "01")
        + _field("01", "12")  # dynamic: for one payment
        + _field("30", account)
        + _field("53", _BAHT)
        + _field("54", f"{amount_satang // 100}.{amount_satang % 100:02}")
        + _field("58", "TH")
        + _field("59", "OMISE SANDBOX")
        + _CRC_PREFIX
    )
    return fields + checksum(fields)


def checksum(text: str) -> str:
    """Return the CRC-16/CCITT-FALSE of a payload up to and including its ``6304``."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def svg_image(payload: str) -> bytes:
    """Return the QR code as an SVG image, the payload as its description."""
    image = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(
        image, kind="svg", scale=8, title="PromptPay QR code", desc=payload, light="#ffffff"
    )
    return image.getvalue()


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"
