"""The pages that people see: a QR code with a button to pay it, and the 3-D Secure challenge."""

from html import escape
from typing import Final

from local.omise_sandbox.charge import Charge

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto;
  padding: 0 1rem; color: #1b1b1f; background: #fff; }}
img {{ display: block; width: 100%; max-width: 16rem; }}
button {{ font: inherit; padding: .6rem 1rem; margin-right: .5rem; cursor: pointer; }}
small {{ color: #55555f; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{amount} THB<br><small>{charge}</small></p>
{content}
<p><small>Omise sandbox: no money moves.</small></p>
</body>
</html>
"""
_BUTTON: Final = '<button type="submit" name="outcome" value="{outcome}">{label}</button>'


def payment_page(charge: Charge, qr_code_uri: str | None) -> str:
    """Return the page on which a tester pays a pending charge.

    Parameters
    ----------
    charge
        The charge.
    qr_code_uri
        The address of its QR code, if it has one.
    """
    if charge.status != "pending":
        return _page("Payment", charge, f"<p>This charge is {escape(charge.status)}.</p>")
    image = f'<img src="{escape(qr_code_uri)}" alt="PromptPay QR code">' if qr_code_uri else ""
    form = _form(f"/__sandbox/charges/{charge.id}/pay", ("pay", "Pay"), ("fail", "Let it fail"))
    return _page("Payment", charge, image + form)


def challenge_page(charge: Charge) -> str:
    """Return the page on which a tester answers for the cardholder."""
    action = f"/payments/{charge.authorize_id}/authorize"
    form = _form(action, ("pass", "Confirm"), ("fail", "Refuse"))
    return _page("3-D Secure", charge, form)


def _page(title: str, charge: Charge, content: str) -> str:
    amount = f"{charge.amount // 100:,}.{charge.amount % 100:02}"
    return _PAGE.format(title=title, amount=amount, charge=escape(charge.id), content=content)


def _form(action: str, *choices: tuple[str, str]) -> str:
    buttons = "".join(_BUTTON.format(outcome=outcome, label=label) for outcome, label in choices)
    return f'<form method="post" action="{escape(action or "")}">{buttons}</form>'
