"""How often somebody may try a password: per account and per network.

Note: the counters belong to one web process and start anew with it. Nobody is locked out for
good: the window moves on, and a sign-in link works all the time. A try at an account counts before it is checked (so
that many at once do not slip through) and is forgotten when it succeeds; from a network only failures count, since a
whole class may sit behind one.
"""

import time
from math import ceil

from flask import request
from limits import RateLimitItem, parse

from labeler.accounts.credentials import spelled_alike, token_hash
from labeler.extensions import limiter
from labeler.extensions.addresses import network_of

PER_ACCOUNT = "10 per 15 minutes"
PER_ADDRESS = "50 per 15 minutes"


class Throttle:
    """The tries of one account from one network; does nothing while rate limits are switched off."""

    def __init__(self, email: str) -> None:
        # hashed: whatever is typed there, a counter's name stays short
        self._account = ("sign in", "account", token_hash(spelled_alike(email)))
        self._address = ("sign in", "network", network_of(request.remote_addr))

    def refused(self) -> int:
        """Count a try at the account; returns how many seconds to wait, 0 when it may go on."""
        if not limiter.enabled:
            return 0
        rules = limiter.limiter
        per_account, per_address = parse(PER_ACCOUNT), parse(PER_ADDRESS)
        if not rules.test(per_address, *self._address):
            return self._wait(per_address, self._address)
        if not rules.hit(per_account, *self._account):
            return self._wait(per_account, self._account)
        return 0

    def failed(self) -> None:
        """Count a failure at the address."""
        if limiter.enabled:
            limiter.limiter.hit(parse(PER_ADDRESS), *self._address)

    def succeeded(self) -> None:
        """Forget the tries at the account."""
        if limiter.enabled:
            limiter.limiter.clear(parse(PER_ACCOUNT), *self._account)

    @staticmethod
    def _wait(rule: RateLimitItem, names: tuple[str, ...]) -> int:
        ends = limiter.limiter.get_window_stats(rule, *names).reset_time
        return max(1, ceil(ends - time.time()))
