"""Money and times in words: exact where they were spent, rounded where they are foreseen.

A price that nobody set gives no words at all, so that a page never shows a zero for it.
"""

from decimal import Decimal
from math import floor, log10

import flask_babel

from labeler.cost.ledger import Spent
from labeler.cost.plans import Range
from labeler.cost.prices import Prices
from labeler.web.shared.words import format_decimal
from labeler.web.shared.words import gettext as _

_SECONDS = 120  # from which a time is said in minutes
_ROUND = 100  # of a currency, from which an amount that is foreseen has no coins
_DIGITS = 3  # of a small amount


def exact(prices: Prices, coins: int | None) -> str:
    """Return an amount to the smallest coin; "" without one."""
    return "" if coins is None else _written(prices, prices.amount(coins), prices.digits)


def each(prices: Prices, coins: float | None) -> str:
    """Return a small amount with three digits that say something; "" without one."""
    if coins is None:
        return ""
    amount = prices.amount(coins)
    digits = prices.digits
    if 0 < amount < 10:  # noqa: PLR2004 - from there on coins are three digits
        digits = max(digits, _DIGITS - 1 - floor(log10(amount)))
    return _written(prices, amount, min(digits, 6))


def about(prices: Prices, coins: float | None) -> str:
    """Return an amount that is foreseen; "" without one."""
    if coins is None:
        return ""
    amount = prices.amount(coins)
    return _written(prices, amount, 0 if amount >= _ROUND else prices.digits)


def whole(prices: Prices, amount: int) -> str:
    """Return a whole number of a currency."""
    return _written(prices, Decimal(amount), 0)


def plain(prices: Prices, coins: int | None) -> str:
    """Return an amount as a form shows it, without its currency; "" without one."""
    form = "0." + "0" * prices.digits if prices.digits else "0"
    return "" if coins is None else str(flask_babel.format_decimal(prices.amount(coins), form))


def between(prices: Prices, low: float, high: float) -> str:
    """Return the ends of a range of what is foreseen."""
    return _("%(low)s to %(high)s", low=about(prices, low), high=about(prices, high))


def _written(prices: Prices, amount: Decimal, digits: int) -> str:
    locale = flask_babel.get_locale()
    pattern = locale.currency_formats["standard"].pattern if locale else "¤#,##0.00"
    form = pattern.replace("0.00", "0." + "0" * digits if digits else "0")
    return str(flask_babel.format_currency(amount, prices.currency, format=form, currency_digits=False))


def time_each(seconds: float) -> str:
    """Return how long one of something took."""
    if seconds < _SECONDS:
        return _("%(seconds)s s", seconds=format_decimal(seconds, "0.0"))
    return _("%(minutes)s min", minutes=format_decimal(seconds / 60, "#,##0.0"))


def hours(amount: float) -> str:
    """Return hours with the digits that say something."""
    return format_decimal(amount, "#,##0.0" if amount < 10 else "#,##0")  # noqa: PLR2004 - a tenth is a percent then


def hours_between(found: Range) -> str:
    """Return the ends of a range of hours."""
    return _("%(low)s to %(high)s", low=hours(found.low), high=hours(found.high))


def per(spent: Spent, count: int) -> tuple[float | None, float]:
    """Return what one of so many took: in the smallest coin (None without a price), and in seconds."""
    return (None if spent.money is None else spent.money / count, spent.seconds / count)
