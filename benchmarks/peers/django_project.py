"""The smallest Django project that holds the peers' tables, and a table of runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

COST: Final = 10
CREDITS: Final = 100_000_000


def set_up(apps: Sequence[str]) -> None:
    """Configure Django for the PostgreSQL that the benchmark started."""
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": "127.0.0.1",
                "PORT": os.environ["PEERS_PORT"],
                "USER": "bench",
                "NAME": os.environ["PEERS_DATABASE"],
                "CONN_MAX_AGE": None,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps],
        DEFAULT_CURRENCY="THB",
        HORDAK_INTERNAL_CURRENCY="THB",
        CURRENCIES=["THB"],
        USE_TZ=True,
    )
    django.setup()


def migrate() -> None:
    """Make all tables."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE runs (key text PRIMARY KEY, account int, cost int)")


def store_run(account: int, key: str) -> None:
    """Store the run that is paid for, in the transaction that is open; a key is used once."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO runs VALUES (%s, %s, %s)", [key, account, COST])
