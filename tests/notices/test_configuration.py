"""What the environment says of senders: all faults at once, and never a password."""

import pytest

from portal.config import Config, ConfigError
from tests.conftest import SECRET

BASE = {"DATABASE_URL": "sqlite:////tmp/unused.db", "SECRET_KEY": SECRET}
LIVE = {**BASE, "PORTAL_PUBLIC_URL": "https://portal.example.org"}
MAIL = {
    "SMTP_URL": "smtps://portal:hidden-word@mail.example.org",
    "MAIL_FROM": "portal@example.org",
}
GATEWAY = {"GATEWAY_URL": "https://gateway.example.org/v1", "GATEWAY_TOKEN": "hidden-token-of-ours"}


def test_nothing_is_set_up_by_itself():
    config = Config.from_env(BASE)
    assert (config.smtp_url, config.gateway_url, config.gateway_channels) == ("", "", ())


def test_what_can_be_used():
    config = Config.from_env({**LIVE, **MAIL, **GATEWAY})
    assert config.smtp_url == MAIL["SMTP_URL"]
    assert config.gateway_channels == ("sms", "wechat")
    assert Config.from_env({**LIVE, **GATEWAY, "GATEWAY_CHANNELS": "sms"}).gateway_channels == (
        "sms",
    )
    assert Config.from_env({**LIVE, **MAIL, "SMTP_URL": "smtp://127.0.0.1:25"}).smtp_url
    assert Config.from_env({**BASE, **MAIL, "SMTP_URL": "smtp://mail.example.org"}).smtp_url
    assert "hidden" not in repr(config)


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"SMTP_URL": "smtp://user:hidden-word@mail.example.org"}, ["SMTP_URL"]),
        ({"SMTP_URL": "http://user:hidden-word@mail.example.org"}, ["SMTP_URL"]),
        ({"SMTP_URL": "smtps://mail.example.org:hidden-word"}, ["SMTP_URL"]),
        ({"SMTP_URL": "smtps://"}, ["SMTP_URL"]),
        ({"MAIL_FROM": ""}, ["MAIL_FROM"]),
        ({"MAIL_FROM": "Portal <portal@example.org>"}, ["MAIL_FROM"]),
        ({"GATEWAY_URL": "http://gateway.example.org/hidden-token"}, ["GATEWAY_URL"]),
        ({"GATEWAY_URL": "ftp://gateway.example.org"}, ["GATEWAY_URL"]),
        ({"GATEWAY_TOKEN": ""}, ["GATEWAY_TOKEN"]),
        ({"GATEWAY_TOKEN": "hidden\r\nX-More: of-ours-long"}, ["GATEWAY_TOKEN"]),
        ({"GATEWAY_CHANNELS": "sms,pigeon"}, ["GATEWAY_CHANNELS"]),
        ({"MAIL_FROM": "", "GATEWAY_TOKEN": "short"}, ["MAIL_FROM", "GATEWAY_TOKEN"]),
    ],
)
def test_faults_are_named_together_and_without_what_is_secret(changes, keys):
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**LIVE, **MAIL, **GATEWAY, **changes})
    lines = caught.value.message.splitlines()
    assert len(lines) == len(keys)
    for key, line in zip(keys, lines, strict=True):
        assert line.startswith(key)
        assert "hidden" not in line
