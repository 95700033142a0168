"""The Omise account that the local stack uses: its keys, and the secret that functions read."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local.aws import Aws
from local.private_file import write_private

KEY_BYTES = 12
WEBHOOK_SECRET_BYTES = 32


@dataclass(frozen=True)
class OmiseKeys:
    """What an Omise account gives its owner.

    Parameters
    ----------
    secret_key
        For the API, `skey_test_…`.
    public_key
        For the browser, `pkey_test_…`.
    webhook_secret
        Signs webhooks; base64.
    """

    secret_key: str
    public_key: str
    webhook_secret: str


def keys_of(path: Path, environment: Mapping[str, str]) -> OmiseKeys:
    """Take the keys of a real account from the environment, or keep made-up ones of this checkout.

    Parameters
    ----------
    path
        The file that keeps the made-up ones, which the sandbox reads too.
    environment
        May have `OMISE_SECRET_KEY`, `OMISE_PUBLIC_KEY` and `OMISE_WEBHOOK_SECRET`.
    """
    if not path.exists():
        write_private(path, json.dumps(asdict(_make_up())))
    kept = json.loads(path.read_text(encoding="utf-8"))
    given = {name: environment.get(f"OMISE_{name.upper()}") for name in kept}
    return OmiseKeys(**kept | {name: value for name, value in given.items() if value})


def _make_up() -> OmiseKeys:
    webhook_secret = base64.b64encode(secrets.token_bytes(WEBHOOK_SECRET_BYTES))
    return OmiseKeys(
        secret_key=f"skey_test_{secrets.token_hex(KEY_BYTES)}",
        public_key=f"pkey_test_{secrets.token_hex(KEY_BYTES)}",
        webhook_secret=webhook_secret.decode("ascii"),
    )


@dataclass(frozen=True)
class OmiseAccount:
    """An Omise-compatible server and the keys that it knows.

    Parameters
    ----------
    api_url
        Base URL of charges and the like.
    vault_url
        Base URL of card tokens.
    js_url
        Where browsers load omise.js from.
    keys
        The account's keys.
    """

    api_url: str
    vault_url: str
    js_url: str
    keys: OmiseKeys

    def publish(self, aws: Aws, secret_arn: str) -> bool:
        """Put it into the secret that the functions read, unless it is there.

        Parameters
        ----------
        aws
            The emulator.
        secret_arn
            The stack's secret.

        Returns
        -------
        bool
            Whether the secret had to be changed.
        """
        wanted = {
            "api_url": self.api_url,
            "secret_key": self.keys.secret_key,
            "webhook_secrets": [self.keys.webhook_secret],
        }
        present = aws.secrets.get_secret_value(SecretId=secret_arn).get("SecretString", "")
        if _parsed(present) == wanted:
            return False
        aws.secrets.put_secret_value(SecretId=secret_arn, SecretString=json.dumps(wanted))
        return True


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None  # as generated when the stack was made
