"""The account's keys, from the file that the sandbox is started with."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class AccountKeys(BaseModel):
    """What a merchant copies from Omise's dashboard.

    Attributes
    ----------
    secret_key
        ``skey_test_…``: for everything but tokens.
    public_key
        ``pkey_test_…``: for tokens, sources and the capability.
    webhook_secret
        Base64; without one, webhooks are sent unsigned, as Omise does.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    secret_key: str
    public_key: str
    webhook_secret: str | None = None


def read_keys(path: Path) -> AccountKeys:
    """Return the keys in a JSON file.

    Raises
    ------
    pydantic.ValidationError
        A key is missing or no text.
    """
    return AccountKeys.model_validate_json(path.read_bytes())
