"""Prices: read from one dated file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = Path(__file__).with_name("prices.toml")


class Price(BaseModel):
    """What `per` units cost; `confirmed` tells whether a published list said so on that day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: Annotated[float, Field(gt=0)]
    per: Annotated[int, Field(ge=1)]
    unit: str
    source: Annotated[str, Field(pattern=r"^https://aws\.amazon\.com/")]
    confirmed: bool


class Prices(BaseModel):
    """All prices of one region and day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str
    currency: str
    checked: date
    prices: Mapping[str, Price]

    def cost(self, name: str, quantity: float) -> float:
        """Return what some units of a price cost, in USD."""
        price = self.prices[name]
        return quantity * price.usd / price.per

    def unconfirmed(self) -> list[str]:
        """Name the units whose prices should be looked up before they are relied on."""
        return [price.unit for price in self.prices.values() if not price.confirmed]


def read_prices(file: Path = FILE) -> Prices:
    """Read the prices."""
    return Prices.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
