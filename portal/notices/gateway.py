"""Text and WeChat messages by one HTTP gateway; its JSON is described in docs/operations.md."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from portal.config import Config
from portal.notices.models_reach import Channel
from portal.notices.senders import SECONDS, Message, NotSent

# The gateway has it already, from an attempt whose answer was lost.
_TAKEN_BEFORE = 409
# Wrong token or wrong address: nothing about this one message.
_NOT_OURS = {401, 403, 404, 405}
_LATER = {408, 425, 429}


class Gateway:
    """Posts messages of one channel to `GATEWAY_URL`. Follows no redirect, uses no proxy."""

    def __init__(self, channel: Channel, config: Config, seconds: float = SECONDS) -> None:
        self._channel = channel
        self._parts = urlsplit(config.gateway_url)
        self._token = config.gateway_token
        self._seconds = seconds

    def send(self, message: Message) -> None:
        """Hand one message over. Raises NotSent."""
        status = self._post(message)
        if 200 <= status < 300 or status == _TAKEN_BEFORE:
            return
        is_down = status in _NOT_OURS or 300 <= status < 400 or status >= 500
        for_good = 400 <= status < 500 and status not in (*_NOT_OURS, *_LATER)
        raise NotSent(f"http {status}", for_good=for_good, is_down=is_down)

    def _post(self, message: Message) -> int:
        connection = self._connection()
        path = self._parts.path or "/"
        if self._parts.query:
            path += f"?{self._parts.query}"
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
        }
        try:
            connection.request("POST", path, self._body(message), headers)
            return connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise NotSent(type(error).__name__, is_down=True) from None
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        return kind(host, port, timeout=self._seconds)

    def _body(self, message: Message) -> bytes:
        known = {
            "id": message.key,
            "channel": self._channel.value,
            "to": message.to,
            "lang": message.lang,
            "kind": message.kind,
            "text": message.text,
            "url": message.url,
            "values": {"site": message.site, **message.values},
        }
        return json.dumps(known, ensure_ascii=False).encode()
