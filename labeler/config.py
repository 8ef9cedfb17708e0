"""Settings, read once from the environment and the instance folder.

A reader might expect a configuration file: there is none. Every setting is an environment variable `LABELER_…`
with a default that works, and secrets that nobody set are made once and kept in the instance folder (mode 0600).
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from labeler import durable
from labeler.errors import Invalid

LEASE_SECONDS = 1800
MAX_UPLOAD_BYTES = 2 * 1024**3
REMOTE_CACHE = 10 * 1024**3
CORE_WATTS = 10  # of a busy core with its share of the machine: a laptop takes less, an old server twice as much
SMTP_PORT = 587
DIGEST_HOURS = 24
SHORTEST_KEY = 32  # characters: 128 bits as hex

_PLACE = re.compile(r"|local|local://[1-9]\d{0,2}|dask://([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}")
_HOST = re.compile(r"\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_SENDER = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Smtp:
    """The server that takes e-mails. security: starttls, tls (from the first byte) or none.

    user, password: "" for a server that asks for none; sender: the address e-mails come from; hours: between two
    summaries to one person.
    """

    host: str
    port: int = SMTP_PORT
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    hours: int = DIGEST_HOURS


@dataclass(frozen=True)
class Settings:
    """What the program needs to know before it starts.

    instance: folder for database, uploads and secret; database_url: SQLAlchemy form; lease_seconds: how long an item
    is held for one annotator; trusted_hosts: host names the web server answers to beside loopback and the one it was
    started on; trusted_proxies: whose X-Forwarded-… headers are believed; public_url: how people reach the server;
    bound_host: what it was told to listen on; secure_cookies: set when the server is reached over TLS; plain_assets:
    pages load the sources of scripts and styles instead of bundles; text_model, image_model: a model on this machine
    that label checks ask about texts or pictures, by path or as KIND:NAME; compute: where label checks compute: "" for
    the process that runs them, "local://N" for N processes of this machine, "dask://HOST:PORT" for a cluster;
    memory: bytes that a label check may take, 0: all there is; core_watts: what a busy processor core takes, for the
    estimate of energy; webhook_hosts, webhook_networks: where webhooks may be sent to beside public addresses;
    remote: the buckets and websites, or folders in them, that leads may import from; remote_networks: networks that
    are not public in which such websites may lie; remote_cache: bytes of our copies of pictures that stay elsewhere;
    smtp: the server for e-mails, None: none are sent.
    """

    instance: Path
    database_url: str
    lease_seconds: int = LEASE_SECONDS
    max_upload_bytes: int = MAX_UPLOAD_BYTES
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    public_url: str = ""
    bound_host: str = "127.0.0.1"
    secure_cookies: bool = False
    plain_assets: bool = False
    text_model: str = ""
    image_model: str = ""
    compute: str = ""
    memory: int = 0
    core_watts: int = CORE_WATTS
    webhook_hosts: tuple[str, ...] = ()
    webhook_networks: tuple[Network, ...] = ()
    remote: tuple[str, ...] = ()
    remote_networks: tuple[Network, ...] = ()
    remote_cache: int = REMOTE_CACHE
    smtp: Smtp | None = None

    @property
    def base_url(self) -> str:
        """What links to other people begin with, "" where only the server knows: public_url, or a trusted name."""
        named = next((one for one in self.trusted_hosts if one != "*" and not one.startswith(".")), "")
        # behind TLS the port is the usual one; without, only the server knows it
        return self.public_url or (f"https://{named}" if named and self.secure_cookies else "")

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def files(self) -> Path:
        """Folder of the content-addressed originals and their copies."""
        return self.instance / "files"

    @property
    def uploads(self) -> Path:
        """Folder of uploaded import files that a job still needs."""
        return self.instance / "uploads"

    @property
    def backups(self) -> Path:
        """Folder of the backups that are made before a migration."""
        return self.instance / "backups"

    def model_of(self, media: str) -> str:
        """Return the model that label checks ask about items of a medium, "" for none."""
        return self.image_model if media == "image" else self.text_model

    def secret_key(self) -> str:
        """Return the key that signs cookies: from the environment, else made once and kept with mode 0600."""
        if from_environment := os.environ.get("LABELER_SECRET_KEY", ""):
            if len(from_environment) < SHORTEST_KEY:
                raise Invalid(
                    "LABELER_SECRET_KEY is too short; give at least 32 characters.", field="LABELER_SECRET_KEY"
                )
            return from_environment
        return _kept_secret(self.instance / "secret_key")


def read_settings(environment: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Build Settings from the environment; `instance` (a command-line option) wins over LABELER_INSTANCE.

    Raises Invalid, naming the variable, when a value cannot be used.
    """
    env = os.environ if environment is None else environment
    folder = (instance or Path(env.get("LABELER_INSTANCE") or "instance")).expanduser().resolve()
    url = env.get("LABELER_DATABASE_URL") or f"sqlite:///{folder / 'labeler.db'}"
    hosts, networks = _hosts_and_networks(_listed(env, "LABELER_WEBHOOK_ALLOW"))
    return Settings(
        instance=folder,
        database_url=_with_driver(url),
        lease_seconds=_positive(env, "LABELER_LEASE_SECONDS", LEASE_SECONDS),
        max_upload_bytes=_positive(env, "LABELER_MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES),
        trusted_hosts=tuple(host.lower() for host in _listed(env, "LABELER_TRUSTED_HOSTS")),
        trusted_proxies=_networks(env, "LABELER_TRUSTED_PROXIES"),
        public_url=_address(env.get("LABELER_PUBLIC_URL", "")),
        secure_cookies=_is_on(env, "LABELER_SECURE_COOKIES"),
        plain_assets=_is_on(env, "LABELER_PLAIN_ASSETS"),
        text_model=env.get("LABELER_EMBEDDINGS_TEXT", "").strip(),
        image_model=env.get("LABELER_EMBEDDINGS_IMAGE", "").strip(),
        compute=_place(env.get("LABELER_COMPUTE", "")),
        memory=_bytes(env, "LABELER_MEMORY"),
        core_watts=_positive(env, "LABELER_CORE_WATTS", CORE_WATTS),
        webhook_hosts=hosts,
        webhook_networks=networks,
        remote=tuple(_listed(env, "LABELER_REMOTE")),
        remote_networks=_networks(env, "LABELER_REMOTE_NETWORKS"),
        remote_cache=_bytes(env, "LABELER_REMOTE_CACHE") or REMOTE_CACHE,
        smtp=_smtp(env),
    )


def _smtp(env: Mapping[str, str]) -> Smtp | None:
    """Return the server for e-mails, None where none is named."""
    host = env.get("LABELER_SMTP_HOST", "").strip()
    if not host:
        return None
    security = env.get("LABELER_SMTP_SECURITY", "").strip().lower() or "starttls"
    if security not in {"starttls", "tls", "none"}:
        raise Invalid(
            "LABELER_SMTP_SECURITY must be starttls, tls or none, not {text!r}.",
            field="LABELER_SMTP_SECURITY",
            text=security,
        )
    sender = env.get("LABELER_SMTP_FROM", "").strip()
    if not _SENDER.fullmatch(sender):
        raise Invalid(
            "LABELER_SMTP_FROM must be the address that e-mails come from, like labeler@example.org, not {text!r}.",
            field="LABELER_SMTP_FROM",
            text=sender,
        )
    return Smtp(
        host,
        _positive(env, "LABELER_SMTP_PORT", SMTP_PORT),
        security,
        env.get("LABELER_SMTP_USER", ""),
        env.get("LABELER_SMTP_PASSWORD", ""),
        sender,
        _positive(env, "LABELER_SMTP_HOURS", DIGEST_HOURS),
    )


def _is_on(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() in {"1", "true", "yes", "on"}


def _with_driver(url: str) -> str:
    # pg8000 is the one PostgreSQL driver whose licence (BSD) fits ours; people write plain postgresql:// or postgres://
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+pg8000://" + _with_socket(url.removeprefix(prefix))
    if not url.startswith(("sqlite:", "postgresql+pg8000:")):
        raise Invalid("LABELER_DATABASE_URL must start with sqlite:/// or postgresql://.", field="LABELER_DATABASE_URL")
    return url


def _with_socket(rest: str) -> str:
    # a folder as host means a local socket to every other PostgreSQL program; pg8000 wants the file in it
    address, _, query = rest.partition("?")
    folder = dict(parse_qsl(query)).get("host", "")
    if not folder.startswith("/"):
        return rest
    port = dict(parse_qsl(query)).get("port", "5432")
    return f"{address}?unix_sock={quote(f'{folder}/.s.PGSQL.{port}', safe='/')}"


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or int(text) == 0:
        raise Invalid("{name} must be a whole number above 0, not {text!r}.", field=name, name=name, text=text)
    return int(text)


def _bytes(env: Mapping[str, str], name: str) -> int:
    """Return an amount of memory such as 2G, 800M or plain bytes; 0 where none is set."""
    text = (env.get(name) or "0").strip().upper().removesuffix("B").removesuffix("I")
    digits, unit = (text[:-1].strip(), text[-1]) if text[-1:] in _UNITS else (text, "")
    if not digits.isascii() or not digits.isdigit():
        raise Invalid("{name} must be like 2G or 800M, not {text!r}.", field=name, name=name, text=env[name])
    return int(digits) * _UNITS.get(unit, 1)


def _listed(env: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in env.get(name, "").split(",") if part.strip()]


def _networks(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    return tuple(_network(text, name) for text in _listed(env, name))


def _network(text: str, name: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise Invalid(
            "{name} holds {text!r}, which is no IP address or network such as 10.0.0.0/8.",
            field=name,
            name=name,
            text=text,
        ) from error


def _hosts_and_networks(named: list[str]) -> tuple[tuple[str, ...], tuple[Network, ...]]:
    """Part what webhooks may be sent to into names and networks; raises Invalid for what is neither."""
    hosts, networks = [], []
    for one in named:
        try:
            networks.append(ip_network(one, strict=False))
        except ValueError:
            if not _HOST.fullmatch(one):
                raise Invalid(
                    "LABELER_WEBHOOK_ALLOW holds {text!r}, which is no host name, IP address or network.",
                    field="LABELER_WEBHOOK_ALLOW",
                    text=one,
                ) from None
            hosts.append(one.lower())
    return tuple(hosts), tuple(networks)


def _address(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"}
        fits = fits and not (parts.query or parts.fragment or "@" in parts.netloc or parts.port == 0)
    except ValueError:  # what stands for the port is no number
        fits = False
    if text.strip() and not fits:
        raise Invalid(
            "LABELER_PUBLIC_URL must be like https://labels.example.org, without a path, not {text!r}.",
            field="LABELER_PUBLIC_URL",
            text=text,
        )
    return text.strip().rstrip("/")


def _place(text: str) -> str:
    if not _PLACE.fullmatch(text.strip()):
        raise Invalid(
            "LABELER_COMPUTE must be local, local://N for N processes of this machine, or dask://HOST:PORT, not "
            "{text!r}.",
            field="LABELER_COMPUTE",
            text=text,
        )
    return "" if text.strip() == "local" else text.strip()


def _kept_secret(path: Path) -> str:
    durable.make_folder(path.parent)
    with durable.alone_in(path.parent):  # two processes that start at once must end with the same key
        text = path.read_bytes().strip(b"\0 \r\n") if path.exists() else b""
        if not text:
            # An older version did not flush the file, so a power cut could leave it empty or full of zeros. What that
            # key signed cannot be checked by anybody any more: a new one only asks everybody to sign in again.
            durable.write(path, secrets.token_hex(32).encode())
            return path.read_text()
    if len(text) < SHORTEST_KEY or not (text.isascii() and text.decode().isprintable()):
        raise Invalid(
            "The key in {path} is damaged. Put the right file back, or delete it: a new key is made at the next "
            "start, and everybody signs in again; nothing else is lost.",
            path=path,
        )
    return text.decode()
