"""`Elsewhere`: all that this server may fetch, asked by address whatever kind of place it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from labeler.config import Settings
from labeler.errors import Invalid, NotFound
from labeler.remote import bucket
from labeler.remote.addresses import Address, Allowed, parsed
from labeler.remote.found import Fetched, Found
from labeler.remote.website import Website


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What may be fetched. Without places nothing is, and `check` says who can change that."""

    allowed: Allowed = field(default_factory=Allowed)
    website: Website = field(default_factory=lambda: Website(Allowed()))

    @classmethod
    def of(cls, settings: Settings) -> "Elsewhere":
        """Return what the settings allow; raises Invalid, naming the setting."""
        allowed = Allowed.of(settings.remote)
        return cls(allowed, Website(allowed, settings.remote_networks))

    def with_also(self, address: Address) -> "Elsewhere":
        """Return what may be fetched where the one who asks has the server's own rights, as on its command line."""
        allowed = self.allowed.with_also(address)
        return Elsewhere(allowed, Website(allowed, self.website.private))

    def check(self, text: str) -> Address:
        """Return an address that may be asked; raises Invalid for any other."""
        address = parsed(text)
        self.allowed.check(address)
        return address

    def state(self, address: Address) -> Found:
        """Return what is known of a file; raises NotFound, Forbidden or Unavailable."""
        self.allowed.check(address)
        return self.website.state(address) if address.is_web else bucket.state(address)

    def read(self, address: Address, limit: int) -> Fetched:
        """Return a whole file; raises also Invalid over `limit` bytes."""
        self.allowed.check(address)
        return self.website.read(address, limit) if address.is_web else bucket.read(bucket.state(address), limit)

    def read_found(self, found: Found, limit: int) -> Fetched:
        """Return a whole file that was listed; raises as `read`."""
        self.allowed.check(found.address)
        return self.website.read(found.address, limit) if found.address.is_web else bucket.read(found, limit)

    def pieces(self, address: Address, limit: int) -> Iterator[bytes]:
        """Yield a file in pieces; raises as `read`."""
        self.allowed.check(address)
        return self.website.pieces(address, limit) if address.is_web else bucket.pieces(bucket.state(address), limit)

    def is_file(self, address: Address) -> bool:
        """Say whether an address stands for one file, rather than for all in a folder or like a pattern."""
        if address.is_web:
            return True
        if address.is_pattern or not address.name or address.path.endswith("/"):
            return False
        try:
            self.state(address)
        except NotFound:
            return False
        return True

    def below(self, address: Address) -> Iterator[Found]:
        """Yield the files in a folder, or those like a pattern; raises Invalid for a website, which has no list."""
        self.allowed.check(address)
        if address.is_web:
            raise Invalid(
                "A website has no list of its files. Import a table (CSV or JSON Lines) with a column of addresses.",
                field="address",
            )
        if address.is_pattern or not address.path or address.path.endswith("/"):
            return bucket.below(address)
        return bucket.below(address._replace(path=f"{address.path}/"))
