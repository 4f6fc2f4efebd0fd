"""`serve`: the whole portal in the foreground, which is what `make run` and a service unit start."""

from __future__ import annotations

import errno
import http.client
import os
import socket

import click
from flask import current_app

from portal.cli import demo
from portal.cli.edge import command, upgraded_schema
from portal.cli.supervisor import Supervisor
from portal.config import Config
from portal.core import schema
from portal.core.db import db
from portal.records import settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not bound to
DEMO_SIGN_INS = (
    ("13900000001", "居民", "resident"),
    ("13900000002", "注册志愿者", "registered volunteer"),
    ("13900000003", "党员志愿者", "Party member and volunteer"),
    ("13900000004", "站点负责人", "manager of the first station"),
    ("13900000005", "站点负责人", "manager of another station"),
    ("13900000006", "创建办工作人员", "campaign officer"),
    ("13900000007", "管理员", "administrator"),
)


@command("serve", needs_schema=False)
def serve() -> None:
    """Serve the portal: web server and worker as children of this process, until Ctrl-C or TERM."""
    config: Config = current_app.config["PORTAL"]
    _must_be_free(config)
    if upgraded_schema():
        click.echo(f"The database is at schema {schema.code_head()}.")
    _load_demo_into_an_empty_database(config)
    is_demo = bool(settings.get("is_demo"))
    db.session.remove()
    db.engine.dispose()
    env, address = _environment(config)
    ended_well = Supervisor(env).run(
        answers=lambda: _answers(config),
        on_ready=lambda: _say_where(config, address, is_demo=is_demo),
    )
    if not ended_well:
        raise click.ClickException("The web server ended by itself; the lines above say why.")


def _must_be_free(config: Config) -> None:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((config.host, config.port))
    except OSError as error:
        raise click.ClickException(_why_not(error, config)) from error


def _why_not(error: OSError, config: Config) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {config.port} is taken by another program. "
            f"End that one, or choose another port: PORT={config.port + 1} make run"
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {config.port} may not be used by this user. Choose one from 1024 on with PORT="
        )
    return f"HOST={config.host} is not an address of this machine."


def _load_demo_into_an_empty_database(config: Config) -> None:
    if config.production or not demo.is_empty():
        return
    click.echo("The database is empty: loading the demo district ...")
    demo.load()


def _environment(config: Config) -> tuple[dict[str, str], str]:
    """Return the children's environment, and the address a phone can open ("" when none)."""
    env = dict(os.environ)
    if config.host not in EVERYWHERE:
        return env, ""
    if "PORTAL_PUBLIC_URL" in env:
        return env, config.public_url
    machine = _address_in_the_local_network()
    if not machine:
        return env, ""
    env["PORTAL_PUBLIC_URL"] = f"http://{machine}:{config.port}"
    return env, env["PORTAL_PUBLIC_URL"]


def _address_in_the_local_network() -> str:
    """Return this machine's address as others see it; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # an address of documentation (RFC 5737)
        except OSError:
            return ""
        address = str(one.getsockname()[0])
    return "" if address.startswith(("127.", "0.")) else address


def _answers(config: Config) -> bool:
    host = EVERYWHERE.get(config.host, config.host)
    connection = http.client.HTTPConnection(host, config.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _say_where(config: Config, address: str, *, is_demo: bool) -> None:
    host = EVERYWHERE.get(config.host, config.host)
    click.echo(f"\nThe portal is at  http://{host}:{config.port}")
    if address:
        click.echo(f"From a phone in the same network:  {address}")
    elif config.host in EVERYWHERE:
        click.echo("No address in a local network was found; set PORTAL_PUBLIC_URL for phones.")
    if is_demo and not config.production:
        known = config.demo_password if config.demo_password_is_default else "as in DEMO_PASSWORD"
        click.echo(f"\nDemo sign-ins, password {known}")
        for phone, role, english in DEMO_SIGN_INS:
            click.echo(f"  {phone}  {role} ({english})")
    click.echo("\nCtrl-C ends it.")


COMMANDS = (serve,)
