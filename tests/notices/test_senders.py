"""The two senders against real servers: what they hand over, and what each answer means."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.notices.gateway import Gateway
from portal.notices.models_reach import Channel
from portal.notices.senders import Message, NotSent
from portal.notices.smtp import Smtp
from tests.conftest import config_for
from tests.notices.servers import TOKEN, free_port, mail_server, silent_server

MESSAGE = Message(
    key="abcdefghjk",
    to="own@example.org",
    lang="zh",
    kind="shift_moved",
    subject="【示例区】改了时间",
    text="您报名的一场活动改了时间。\n明天见\n",
    url="https://portal.example.org/activities/abc",
    choices_url="https://portal.example.org/me/notices/choices",
    site="示例区文明实践",
    values={"subject": "义诊", "when": "11月29日", "place": "广场"},
)


def smtp(port, scheme="smtp", seconds=5.0, host="127.0.0.1"):
    config = config_for("sqlite:///unused.db", public_url="https://portal.example.org")
    config = replace(config, smtp_url=f"{scheme}://{host}:{port}", mail_from="portal@example.org")
    return Smtp(config, seconds)


def http(port, seconds=5.0):
    config = config_for("sqlite:///unused.db")
    url = f"http://127.0.0.1:{port}/messages?v=1"
    return Gateway(Channel.SMS, replace(config, gateway_url=url, gateway_token=TOKEN), seconds)


def refusal(sender, message=MESSAGE):
    with pytest.raises(NotSent) as caught:
        sender.send(message)
    return caught.value.for_good, caught.value.is_down


def test_a_mail_arrives_as_it_was_meant(mailbox):
    smtp(mailbox.port).send(MESSAGE)
    (mail,) = mailbox.mails
    assert mailbox.recipients == ["own@example.org"]
    assert mail["Subject"] == MESSAGE.subject
    assert mail["From"].addresses[0].display_name == "示例区文明实践"
    assert mail["Message-ID"] == "<abcdefghjk@portal.example.org>"
    assert mail["List-Unsubscribe"] == f"<{MESSAGE.choices_url}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == MESSAGE.text


def test_no_header_is_added_by_what_somebody_wrote(mailbox):
    smtp(mailbox.port).send(replace(MESSAGE, subject="a\r\nBcc: other@example.org"))
    assert mailbox.mails[0]["Bcc"] is None
    assert mailbox.recipients == ["own@example.org"]
    for name in ("to", "site", "choices_url"):
        wrong = replace(MESSAGE, **{name: "a@example.org\r\nBcc: other@example.org"})
        with pytest.raises(Exception, match=r"."):
            smtp(mailbox.port).send(wrong)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("answers", "meaning"),
    [
        ({"to_recipient": ["550 nobody here"]}, (True, False)),
        ({"to_recipient": ["451 later"]}, (False, False)),
        ({"to_data": ["554 no"]}, (True, False)),
        ({"to_data": ["452 full"]}, (False, False)),
    ],
)
def test_what_a_mail_server_answers(mailbox, answers, meaning):
    for name, given in answers.items():
        setattr(mailbox, name, given)
    assert refusal(smtp(mailbox.port)) == meaning
    smtp(mailbox.port).send(MESSAGE)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("make", [smtp, http])
def test_nobody_is_there_or_nobody_speaks(make):
    assert refusal(make(free_port())) == (False, True)
    with silent_server() as port:
        assert refusal(make(port, seconds=0.2)) == (False, True)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(pem))
    return file


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_mail_is_handed_in_under_a_certificate_that_is_known(certificate, scheme, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    option = "tls_context" if scheme == "smtp+starttls" else "ssl_context"
    with mail_server(**{option: context}) as box:
        assert refusal(smtp(box.port, scheme)) == (False, True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        smtp(box.port, scheme).send(MESSAGE)
        assert len(box.mails) == 1


def test_starttls_is_not_left_out_where_the_server_does_not_have_it(mailbox):
    assert refusal(smtp(mailbox.port, "smtp+starttls")) == (False, True)
    assert mailbox.mails == []


def test_the_gateway_gets_what_is_written_down(gateway):
    http(gateway.port).send(replace(MESSAGE, to="13712340000"))
    assert gateway.paths == ["/messages?v=1"]
    (headers,) = gateway.headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Idempotency-Key"] == "abcdefghjk"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert gateway.bodies == [
        {
            "id": "abcdefghjk",
            "channel": "sms",
            "to": "13712340000",
            "lang": "zh",
            "kind": "shift_moved",
            "text": MESSAGE.text,
            "url": MESSAGE.url,
            "values": {
                "site": "示例区文明实践", "subject": "义诊", "when": "11月29日", "place": "广场",
            },
        }
    ]  # fmt: skip


def test_what_a_gateway_answers(gateway):
    taken, good, later, down = None, (True, False), (False, False), (False, True)
    table = {200: taken, 204: taken, 409: taken, 400: good, 422: good, 410: good, 429: later,
             408: later, 401: down, 403: down, 404: down, 302: down, 307: down, 500: down,
             503: down}  # fmt: skip
    for status, meaning in table.items():
        gateway.answers = [status]
        if meaning is taken:
            http(gateway.port).send(MESSAGE)
        else:
            assert refusal(http(gateway.port)) == meaning, status
    # A redirect is not followed: the token goes nowhere else.
    assert set(gateway.paths) == {"/messages?v=1"}
    assert len(gateway.paths) == len(table)
