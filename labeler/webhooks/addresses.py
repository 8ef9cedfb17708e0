"""Which addresses a webhook may be sent to: public ones, and those that the operator of this server allows.

A webhook is an address that a lead writes and this server calls, from inside a network that the lead may not reach.
So an address is judged when it is connected to, as the IP address that its name means in that moment: whatever the name
meant when it was written, and whatever it means a moment later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from labeler.config import Network, Settings
from labeler.errors import Invalid
from labeler.outgoing import Address, is_public, unmapped

LONGEST_URL = 2000
_EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@dataclass(frozen=True)
class Allowed:
    """What an operator allows beyond public addresses. hosts: names, `.example.org` for all below it; networks."""

    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def by(cls, settings: Settings) -> "Allowed":
        """Return what the settings allow."""
        return cls(settings.webhook_hosts, settings.webhook_networks)

    def host(self, name: str) -> bool:
        """Whether a name may mean any address."""
        plain = name.lower().rstrip(".")
        return any(plain == one or (one.startswith(".") and plain.endswith(one)) for one in self.hosts)

    def private_of(self, host: str) -> Sequence[Network]:
        """Return the networks in which the addresses of a host may be, beside the public ones."""
        return _EVERYWHERE if self.host(host) else self.networks


def check_url(url: str, allowed: Allowed) -> SplitResult:
    """Return the parts of a webhook's address; raises Invalid for one that could never be sent to.

    What a name means is not asked here: it is when something is sent.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    if not host or port == 0 or "@" in parts.netloc or parts.fragment or len(url) > LONGEST_URL or not _is_plain(url):
        raise Invalid("An address is like https://example.org/hook, without a name or password in it.", field="url")
    literal = _literal(host)
    known = allowed.host(host) or (literal is not None and any(unmapped(literal) in one for one in allowed.networks))
    if parts.scheme != "https" and not (parts.scheme == "http" and known):
        raise Invalid("The address must begin with https:// so that nobody on the way can read along.", field="url")
    if literal is not None and not known and not is_public(literal):
        raise Invalid(
            "{host} is an address of a private network. The operator of this server can allow it: "
            "LABELER_WEBHOOK_ALLOW.",
            field="url",
            host=host,
        )
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url and "\\" not in url
