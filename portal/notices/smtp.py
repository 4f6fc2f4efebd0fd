"""Mail by SMTP: plain, with STARTTLS or with TLS from the first byte, as the address says."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from portal.config import Config
from portal.notices.senders import SECONDS, Message, NotSent

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Smtp:
    """Hands mail to the server of `SMTP_URL`, a connection for each."""

    def __init__(self, config: Config, seconds: float = SECONDS) -> None:
        self._parts = urlsplit(config.smtp_url)
        self._sender = config.mail_from
        self._host = urlsplit(config.public_url).hostname or "localhost"
        self._seconds = seconds

    def send(self, message: Message) -> None:
        """Hand one mail over. Raises NotSent."""
        mail = self._mail(message)
        try:
            with self._connection() as server:
                server.send_message(mail, self._sender, [message.to])
        except smtplib.SMTPRecipientsRefused as error:
            (code, _words) = next(iter(error.recipients.values()))
            raise NotSent(f"recipient {code}", for_good=code >= 500) from None
        except smtplib.SMTPDataError as error:
            raise NotSent(f"data {error.smtp_code}", for_good=error.smtp_code >= 500) from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"server {error.smtp_code}", is_down=True) from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(type(error).__name__, is_down=True) from None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        scheme, host = self._parts.scheme, self._parts.hostname or ""
        port = self._parts.port or _PORTS[scheme]
        safe = ssl.create_default_context()
        if scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, self._host, timeout=self._seconds, context=safe
            )
        else:
            server = smtplib.SMTP(host, port, self._host, timeout=self._seconds)
        try:
            if scheme == "smtp+starttls":
                server.starttls(context=safe)
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            yield server
            with suppress(OSError, smtplib.SMTPException):  # it was taken; a goodbye is only polite
                server.quit()
        finally:
            server.close()

    def _mail(self, message: Message) -> EmailMessage:
        """Return the mail. A header takes no line break: what holds one raises, and is none of ours."""
        mail = EmailMessage(policy=LINES)
        mail["From"] = Address(message.site, addr_spec=self._sender)
        mail["To"] = Address(addr_spec=message.to)
        mail["Subject"] = " ".join(message.subject.split())
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{message.key}@{self._host}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["List-Unsubscribe"] = f"<{message.choices_url}>"
        mail.set_content(message.text)
        mail["Content-Language"] = "en" if message.lang == "en" else "zh-CN"
        return mail
