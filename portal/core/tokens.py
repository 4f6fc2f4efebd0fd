"""Keyed codes, hashes and sealed values. Every key is derived for one purpose from SECRET_KEY."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from portal.core.ids import ALPHABET


def key_for(purpose: str) -> bytes:
    """Return the 32-byte key of one purpose (HMAC-SHA-256 of the purpose under the secret)."""
    return hmac.digest(_secret(), purpose.encode(), "sha256")


def mac(purpose: str, message: str) -> bytes:
    """Return HMAC-SHA-256 of the message under the purpose's key."""
    return hmac.digest(key_for(purpose), message.encode(), "sha256")


def mac_code(purpose: str, message: str, length: int) -> str:
    """Return a truncated MAC as characters of the id alphabet."""
    number = int.from_bytes(mac(purpose, message)[:16], "big")
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(characters)


def mac_digits(purpose: str, message: str, length: int) -> str:
    """Return a truncated MAC as decimal digits (as RFC 4226 does, from the last bytes)."""
    number = int.from_bytes(mac(purpose, message)[-8:], "big")
    return str(number % 10**length).zfill(length)


def new_token() -> str:
    """Return a new secret token (32 bytes, URL-safe)."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """Return what is stored of a random token: its SHA-256 (a random token needs no salt)."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(purpose: str, value: str) -> str:
    """Return a keyed hash, for uniqueness of a value that must not be guessable from it."""
    return mac(purpose, value).hex()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def sign(purpose: str, value: object) -> str:
    """Return the value signed with its time, for cookies and links."""
    return _serializer(purpose).dumps(value)


def unsign(purpose: str, signed: str, *, max_age_seconds: int) -> object | None:
    """Return the value, or None when it is not ours, or older than `max_age_seconds`."""
    if not signed:
        return None
    try:
        value: object = _serializer(purpose).loads(signed, max_age=max_age_seconds)
    except BadData:
        return None
    return value


def seal(purpose: str, value: str) -> bytes:
    """Encrypt a short personal value for its column (AES-256-GCM, 12-byte nonce in front)."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(key_for(purpose)).encrypt(nonce, value.encode(), purpose.encode())


def unseal(purpose: str, sealed: bytes) -> str:
    """Decrypt what `seal` made. Raises cryptography's InvalidTag when it was changed."""
    plain = AESGCM(key_for(purpose)).decrypt(sealed[:12], sealed[12:], purpose.encode())
    return plain.decode()


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(), salt=purpose)


def _secret() -> bytes:
    secret: str = current_app.config["SECRET_KEY"]
    return secret.encode()
