"""The environment's settings, read once and frozen. All faults are named in one error."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from click import ClickException

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
DEMO_PASSWORD = "demo-portal-2026"  # noqa: S105  printed by `make run`, refused in production


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
        )
        if self.faults:
            raise ConfigError("\n".join(self.faults))
        return config

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
