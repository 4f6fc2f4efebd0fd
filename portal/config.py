"""The environment's settings, read once and frozen. All faults are named in one error."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from click import ClickException

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
DEMO_PASSWORD = "demo-portal-2026"  # noqa: S105  printed by `make run`, refused in production
GATEWAY_CHANNELS = ("sms", "wechat")
SMTP_SCHEMES = {"smtp", "smtp+starttls", "smtps"}
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
SHORTEST_TOKEN = 16
# What can stand in a mail's From and To as it is; a stricter cut than the standard's.
MAIL_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}"
)


class ConfigError(ClickException):
    """The environment cannot be used; the message names every fault, one a line.

    A ClickException, so that a command says it without a traceback.
    """


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment says."""

    database_url: str
    ledger_heads_file: Path
    secret_key: str
    host: str
    port: int
    public_url: str
    timezone: str
    demo_password: str
    demo_password_is_default: bool
    ratelimit_enabled: bool
    ratelimit_storage_uri: str
    trusted_proxies: int
    # Who sends what leaves the house; an empty address: that channel is off, and nobody is offered it.
    smtp_url: str = field(repr=False)
    mail_from: str
    gateway_url: str = field(repr=False)
    gateway_token: str = field(repr=False)
    gateway_channels: tuple[str, ...]

    @property
    def production(self) -> bool:
        """Whether the district serves the public: its address is https."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """Host (and port) of the public address."""
        return urlsplit(self.public_url).netloc

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Read the environment. Raises ConfigError with all faults at once."""
        return _Reader(os.environ if env is None else env).read()


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.faults: list[str] = []

    def read(self) -> Config:
        port = self.whole_number("PORT", 8000, 1, 65535)
        public_url = self.env.get("PORTAL_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
        production = public_url.startswith("https://")
        self.need(
            urlsplit(public_url).scheme in {"http", "https"} and bool(urlsplit(public_url).netloc),
            "PORTAL_PUBLIC_URL must be an address that begins with http:// or https://",
        )
        enabled = self.env.get("RATELIMIT_ENABLED", "1")
        self.need(enabled in {"0", "1"}, "RATELIMIT_ENABLED must be 0 or 1")
        self.need(enabled != "0" or not production, "RATELIMIT_ENABLED=0 is refused in production")
        storage = self.env.get("RATELIMIT_STORAGE_URI", "memory://")
        self.need(
            storage.startswith(("memory://", "redis://", "rediss://")),
            "RATELIMIT_STORAGE_URI must begin with memory:// or redis://",
        )
        smtp_url, mail_from = self.mail(production)
        gateway_url, gateway_token, gateway_channels = self.gateway(production)
        config = Config(
            database_url=self.database_url(),
            ledger_heads_file=self.ledger_heads_file(),
            secret_key=self.secret_key(production),
            host=self.env.get("HOST", "127.0.0.1"),
            port=port,
            public_url=public_url,
            timezone=self.timezone(),
            demo_password=self.env.get("DEMO_PASSWORD", DEMO_PASSWORD),
            demo_password_is_default="DEMO_PASSWORD" not in self.env,
            ratelimit_enabled=enabled == "1",
            ratelimit_storage_uri=storage,
            trusted_proxies=self.whole_number("TRUSTED_PROXIES", 0, 0, 9),
            smtp_url=smtp_url,
            mail_from=mail_from,
            gateway_url=gateway_url,
            gateway_token=gateway_token,
            gateway_channels=gateway_channels,
        )
        if self.faults:
            raise ConfigError("\n".join(self.faults))
        return config

    def mail(self, production: bool) -> tuple[str, str]:  # noqa: FBT001
        """Return where mail is handed in, and who it is from. No fault repeats it: it has a password."""
        url, sender = self.env.get("SMTP_URL", ""), self.env.get("MAIL_FROM", "")
        if not url:
            return "", ""
        host = self.host_of("SMTP_URL", url, SMTP_SCHEMES)
        self.need(
            not production or host in LOCAL_HOSTS or not url.startswith("smtp://"),
            "SMTP_URL must begin with smtps:// or smtp+starttls:// in production",
        )
        self.need(
            MAIL_ADDRESS.fullmatch(sender) is not None,
            "MAIL_FROM must be a mail address where SMTP_URL is set",
        )
        return url, sender

    def gateway(self, production: bool) -> tuple[str, str, tuple[str, ...]]:  # noqa: FBT001
        """Return the gateway for text and WeChat messages, its token, and what it carries."""
        url, token = self.env.get("GATEWAY_URL", ""), self.env.get("GATEWAY_TOKEN", "")
        if not url:
            return "", "", ()
        host = self.host_of("GATEWAY_URL", url, {"http", "https"})
        self.need(
            not production or host in LOCAL_HOSTS or not url.startswith("http://"),
            "GATEWAY_URL must begin with https:// in production",
        )
        self.need(
            len(token) >= SHORTEST_TOKEN and token.isascii() and token.isprintable(),
            f"GATEWAY_TOKEN must have at least {SHORTEST_TOKEN} plain characters"
            " where GATEWAY_URL is set",
        )
        asked = self.env.get("GATEWAY_CHANNELS", ",".join(GATEWAY_CHANNELS)).split(",")
        named = {one.strip() for one in asked}
        self.need(
            bool(named) and named <= set(GATEWAY_CHANNELS),
            "GATEWAY_CHANNELS must name sms, wechat or both, with a comma between",
        )
        return url, token, tuple(one for one in GATEWAY_CHANNELS if one in named)

    def host_of(self, key: str, url: str, schemes: set[str]) -> str:
        """Return the host of an address; one that cannot be used is a fault."""
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            parts, host = urlsplit(""), ""
        self.need(
            parts.scheme in schemes and bool(host),
            f"{key} must be an address that begins with {' or '.join(f'{one}://' for one in sorted(schemes))}",
        )
        return host

    def need(self, holds: bool, fault: str) -> None:  # noqa: FBT001  reads as a sentence
        if not holds:
            self.faults.append(fault)

    def whole_number(self, key: str, default: int, low: int, high: int) -> int:
        value = self.env.get(key, str(default))
        if value.isdecimal() and low <= int(value) <= high:
            return int(value)
        self.faults.append(f"{key} must be a whole number from {low} to {high}, not {value!r}")
        return default

    def timezone(self) -> str:
        name = self.env.get("PORTAL_TIMEZONE", "Asia/Shanghai")
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            self.faults.append(f"PORTAL_TIMEZONE {name!r} is not a known time zone")
        return name

    def database_url(self) -> str:
        url = self.env.get("DATABASE_URL", f"sqlite:///{INSTANCE / 'portal.db'}")
        if url.startswith(("postgres://", "postgresql://")):
            url = "postgresql+psycopg://" + url.split("://", 1)[1]
        self.need(
            url.startswith(("sqlite:///", "postgresql+psycopg://")),
            "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://",
        )
        if url.startswith("sqlite:///"):
            # Flask-SQLAlchemy would take a relative path from somewhere else than the shell does.
            file = Path(url.removeprefix("sqlite:///")).absolute()
            self.make_folder(file.parent)
            return f"sqlite:///{file}"
        return url

    def ledger_heads_file(self) -> Path:
        """Where the heads of the ledger are added, best on another disk than the database's."""
        named = self.env.get("LEDGER_HEADS_FILE")
        name = f"{Path(urlsplit(self.env.get('DATABASE_URL', '')).path).stem or 'portal'}-ledger-heads.txt"
        file = Path(named).absolute() if named else _beside_database(self.env) / name
        self.make_folder(file.parent)
        return file

    def make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.faults.append(f"the folder {folder} cannot be made: {error.strerror}")

    def secret_key(self, production: bool) -> str:  # noqa: FBT001
        if "SECRET_KEY" in self.env:
            key = self.env["SECRET_KEY"]
            self.need(len(key) >= 32, "SECRET_KEY must have at least 32 characters")
            return key
        file = _key_file(self.env)
        if production and not file.exists():
            self.faults.append(f"SECRET_KEY is not set and there is no key file {file}")
            return ""
        try:
            if not file.exists():
                _make_key_file(file)
            key = file.read_text().strip()
        except OSError as error:
            self.faults.append(f"the key file {file} cannot be used: {error.strerror}")
            return ""
        self.need(len(key) >= 32, f"the key file {file} holds fewer than 32 characters")
        return key


def key_file() -> Path | None:
    """Return the file that holds the secret key; None when the key comes from SECRET_KEY."""
    return None if "SECRET_KEY" in os.environ else _key_file(os.environ)


def _key_file(env: Mapping[str, str]) -> Path:
    return _beside_database(env) / "secret_key"


def _beside_database(env: Mapping[str, str]) -> Path:
    url = env.get("DATABASE_URL", "")
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).absolute().parent
    return INSTANCE


def _make_key_file(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(48))
