"""Prices of an hour of work, in whole units of the smallest coin, so that sums are exact.

Where nobody set a price there is no money: hours are shown, never a zero.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from labeler.errors import Invalid

SETTING = "prices"  # where a project keeps them among its settings
HOUR = 3_600_000  # milliseconds
MOST = 10**7  # of a currency an hour
_CODE = re.compile(r"[A-Z]{3}")
_DIGITS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "RWF", "UGX", "VND", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


@dataclass(frozen=True)
class Prices:
    """What an hour costs, in the smallest coin of a currency (ISO 4217). None: not set.

    hour: of an annotator; lead_hour: of a lead; people: {user id: price of their own}.
    """

    currency: str = ""
    hour: int | None = None
    lead_hour: int | None = None
    people: Mapping[int, int] = field(default_factory=dict)

    def of(self, user_id: int, leads: AbstractSet[int]) -> int | None:
        """Return what an hour of somebody costs: their own price, else that of what they are in the project."""
        return self.people.get(user_id, self.lead_hour if user_id in leads else self.hour)

    @property
    def known(self) -> bool:
        """Whether any price is set."""
        return bool(self.currency) and (self.hour is not None or self.lead_hour is not None or bool(self.people))

    @property
    def digits(self) -> int:
        """Digits behind the point: 2 for cents, 0 where there is no smaller coin."""
        return digits_of(self.currency)

    def amount(self, coins: float | Decimal) -> Decimal:
        """Return an amount of the currency."""
        return Decimal(coins).scaleb(-self.digits)


def digits_of(currency: str) -> int:
    """Return how many digits a currency has behind the point (ISO 4217)."""
    return _DIGITS.get(currency, 2)


def cost_of(milliseconds: int, hour: int) -> int:
    """Return what a time costs, in the smallest coin, halves up."""
    return (2 * milliseconds * hour + HOUR) // (2 * HOUR)


def prices_of(settings: Mapping[str, Any]) -> Prices:
    """Return the prices that a project keeps among its settings."""
    kept: Mapping[str, Any] = settings.get(SETTING) or {}
    people = {int(user): price for user, price in (kept.get("people") or {}).items()}
    return Prices(kept.get("currency", ""), kept.get("hour"), kept.get("lead_hour"), people)


def as_setting(prices: Prices) -> dict[str, Any]:
    """Return prices as a project keeps them."""
    return {
        "currency": prices.currency,
        "hour": prices.hour,
        "lead_hour": prices.lead_hour,
        "people": {str(user): price for user, price in prices.people.items()},
    }


def checked(
    currency: str, hour: Decimal | None, lead_hour: Decimal | None, people: Mapping[int, Decimal | None]
) -> Prices:
    """Return prices from amounts of a currency; an amount that is None is not set.

    Raises Invalid, naming the field: a price of 0 would read as work that costs nothing.
    """
    code = currency.strip().upper()
    given = {"hour": hour, "lead_hour": lead_hour, **{f"price-{user}": one for user, one in people.items()}}
    if code and not _CODE.fullmatch(code):
        raise Invalid("Write the currency as its three letters, such as EUR or USD.", field="currency")
    if not code and any(one is not None for one in given.values()):
        raise Invalid("Write in which currency the prices are, such as EUR.", field="currency")
    coins = {name: _coins(name, one, digits_of(code)) for name, one in given.items()}
    own = {user: price for user in people if (price := coins[f"price-{user}"]) is not None}
    return Prices(code, coins["hour"], coins["lead_hour"], own)


def _coins(name: str, amount: Decimal | None, digits: int) -> int | None:
    if amount is None:
        return None
    if not amount.is_finite() or not 0 < amount <= MOST:
        raise Invalid(
            "A price of an hour is more than 0 and at most {most:,}. Leave it empty where there is none.",
            field=name,
            most=MOST,
        )
    found = int(amount.scaleb(digits).to_integral_value(ROUND_HALF_UP))
    if not found:
        raise Invalid("This price is less than the smallest coin. Leave it empty where there is none.", field=name)
    return found
