"""An Omise-compatible payment gateway on loopback, for development and tests.

The API and the vault are served on one port, as `docs.omise.co` describes them for API version
2019-05-29. Charges behave by Omise's own test card numbers, webhooks are signed and sent, and a
control API under ``/__sandbox/`` pays QR codes, opens disputes, moves the clock and injects the
faults that a payment integration has to survive. No real money, no real card, no real bank.
"""
