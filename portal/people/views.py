"""Pages of the account: sign in, register, new password, and where one is signed in."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import VISITOR, allowed, current_actor, public, signed_in
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page, safe_next
from portal.people import actions, passwords, queries, resets, session
from portal.people.forms import LoginForm, PasswordForm, RegisterForm, ResetForm
from portal.people.models import Person
from portal.records import limits
from portal.records.limits import Limit

bp = Blueprint("people", __name__)
AnyForm = TypeVar("AnyForm", LoginForm, RegisterForm, ResetForm)


def _address() -> str:
    return request.remote_addr or ""


def _waiting(*asked: tuple[Limit, str]) -> int:
    """Return the longest wait of these limits."""
    now = clock.now()
    return max(limits.seconds_to_wait(limit, key, now=now) for limit, key in asked)


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """Sign in and go where one wanted to."""
    target = safe_next(request.values.get("next"))
    form = LoginForm()
    if request.method == "GET":
        if current_actor().is_signed_in and not request.args.get("stay"):
            return redirect(target, 303)
        return page("people/login.html", form=form, target=target)
    if not form.validate():
        return invalid("people/login.html", form=form, target=target)
    return _try(form, target)


def _try(form: LoginForm, target: str) -> ResponseReturnValue:
    """Let the person in, or count the attempt; the same words and work for an unknown phone."""
    phone = str(form.phone.data)
    account = queries.account_by_phone(phone)
    device = session.known_device(account.person.public_id) if account else ""
    key = f"{phone}/{device}"
    wait = _waiting(
        (limits.SIGN_IN_ACCOUNT, key),
        (limits.SIGN_IN_ACCOUNT_HOUR, key),
        (limits.SIGN_IN_ADDRESS, _address()),
    )
    if wait:
        return too_many(wait, _("试的次数太多了，请过几分钟再试，或者到站点重设密码。"))
    fits = passwords.verify(account.password_hash if account else None, str(form.password.data))
    if account is None or not fits or account.disabled_at is not None:
        person_id = account.person_id if account else None
        now = clock.now()
        write(actions.count_failed_sign_in, key, _address(), person_id, actor=VISITOR, now=now)
        form.add_error("password", _("手机号或密码不对。忘了密码可以到附近的站点重设。"))
        return invalid("people/login.html", form=form, target=target)
    return _let_in(account.person, target, known=bool(device))


def _let_in(person: Person, target: str, *, known: bool = False) -> Response:
    """Open a sign-in for the person and go on."""
    actor = queries.actor_of(person)
    device = session.device_name(request.user_agent.string)
    token, row = write(actions.sign_in, person.id, device, actor=actor, now=clock.now())
    session.begin(token, row, actor)
    response = make_response(redirect(target, 303))
    response.headers["HX-Redirect"] = target
    if not known:
        session.remember_device(response, person.public_id)
    return response


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End this sign-in; on the server too."""
    present = session.present()
    if present:
        write(actions.sign_out, present.sign_in_id, actor=present.actor, now=clock.now())
    session.end()
    response = make_response(redirect("/", 303))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """Make an account and sign in with it."""
    target = safe_next(request.values.get("next"), url_for("me.me"))
    form = RegisterForm()
    if request.method == "GET":
        return page("people/register.html", form=form, target=target)
    if not form.validate():
        return invalid("people/register.html", form=form, target=target)
    phone = str(form.phone.data)
    wait = _waiting((limits.REGISTER_ADDRESS, _address()), (limits.REGISTER_PHONE, phone))
    if wait:
        return too_many(wait)
    password_hash = passwords.hash_password(str(form.password.data))
    details = actions.NewPerson(str(form.name.data), phone, form.birth_date.data)
    try:
        person = write(actions.register, details, password_hash, actor=VISITOR, now=clock.now())
    except Invalid as error:
        write(_count_registration, phone, _address())
        form.add_error(error.field, error.message)
        return invalid("people/register.html", form=form, target=target)
    write(_count_registration, phone, _address())
    return _let_in(person, target)


def _count_registration(phone: str, address: str) -> None:
    now = clock.now()
    limits.count(limits.REGISTER_ADDRESS, address, now=now)
    limits.count(limits.REGISTER_PHONE, phone, now=now)


@bp.route("/reset", methods=["GET", "POST"])
@public
def reset() -> ResponseReturnValue:
    """Set a new password with a one-time code from the station."""
    form = ResetForm()
    if request.method == "GET":
        return page("people/reset.html", form=form)
    if not form.validate():
        return invalid("people/reset.html", form=form)
    phone = str(form.phone.data)
    wait = _waiting((limits.RESET_ACCOUNT, phone), (limits.RESET_ADDRESS, _address()))
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者请站点再发一个代码。"))
    code = str(form.code.data).lower().replace(" ", "").replace("-", "")
    password_hash = passwords.hash_password(str(form.password.data))
    write(_count_reset, _address())
    fits = write(resets.reset_password, phone, code, password_hash, actor=VISITOR, now=clock.now())
    if not fits:
        form.add_error("code", _("代码不对或者已经过期。请核对手机号和代码，或者请站点再发一个。"))
        return invalid("people/reset.html", form=form)
    flash(_("密码改好了，请用新密码登录。"), "success")
    return changed(url_for("people.login"))


def _count_reset(address: str) -> None:
    limits.count(limits.RESET_ADDRESS, address, now=clock.now())


@bp.get("/resume")
@allowed(signed_in)
def resume() -> ResponseReturnValue:
    """Show the form that was sent after the sign-in had ended, ready to be sent again."""
    kept = session.kept_form()
    if kept is None:
        return redirect("/", 303)
    path, fields = kept
    response = page("people/resume.html", path=path, fields=fields)
    session.drop_form(response)
    return response


@bp.route("/me/password", methods=["GET", "POST"])
@allowed(signed_in)
def password() -> ResponseReturnValue:
    """Change the own password; asks for the old one and ends the other sign-ins."""
    form = PasswordForm()
    if request.method == "GET":
        return page("people/password.html", form=form)
    if not form.validate():
        return invalid("people/password.html", form=form)
    present = session.present()
    actor = current_actor()
    account = queries.account_of(actor.person_id or 0)
    if account is None or present is None:
        return redirect("/", 303)
    wait = _waiting((limits.SIGN_IN_ACCOUNT, f"{account.phone}/"))
    if wait:
        return too_many(wait)
    if not passwords.verify(account.password_hash, str(form.old_password.data)):
        write(
            actions.count_failed_sign_in,
            f"{account.phone}/",
            _address(),
            account.person_id,
            actor=actor,
            now=clock.now(),
        )
        form.add_error("old_password", _("现在的密码不对。"))
        return invalid("people/password.html", form=form)
    password_hash = passwords.hash_password(str(form.new_password.data))
    write(
        actions.change_password,
        account.person_id,
        password_hash,
        present.sign_in_id,
        actor=actor,
        now=clock.now(),
    )
    flash(_("密码改好了，其他设备上的登录已经结束。"), "success")
    return changed(url_for("me.me"))


@bp.get("/me/sign-ins")
@allowed(signed_in)
def sign_ins() -> ResponseReturnValue:
    """List where one is signed in."""
    present = session.present()
    rows = queries.live_sign_ins(current_actor().person_id or 0)
    return page("people/sign_ins.html", rows=rows, present_id=present.sign_in_id if present else 0)


@bp.post("/me/sign-ins/end")
@allowed(signed_in)
def end_sign_ins() -> ResponseReturnValue:
    """End all other sign-ins."""
    present = session.present()
    actor = current_actor()
    keep_id = present.sign_in_id if present else 0
    write(actions.end_other_sign_ins, actor.person_id or 0, keep_id, actor=actor, now=clock.now())
    flash(_("其他设备上的登录已经结束。"), "success")
    return changed(url_for("people.sign_ins"))
