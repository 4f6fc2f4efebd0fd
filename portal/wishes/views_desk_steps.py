"""The steps the desk takes with a wish: one address each, all from the page of the wish."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, page
from portal.wishes import (
    actions,
    actions_closing,
    actions_desk,
    actions_pledges,
    actions_stories,
    desk,
    leaks,
    policy,
    queries,
)
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions_closing import Word
from portal.wishes.actions_desk import PublicWords, Verified
from portal.wishes.blueprint import bp
from portal.wishes.forms_desk import (
    CallBackForm,
    CloseForm,
    ConsentForm,
    EndPledgeForm,
    NotDoneForm,
    PublishForm,
    RejectForm,
    SendBackForm,
    StoryForm,
    VerifyForm,
    WithdrawForm,
    WordsForm,
)
from portal.wishes.models import ConfirmWay, Wish
from portal.wishes.models_pledges import Pledge

_one = allowed(policy.may_keep, wish=queries.wish_by_id)


def _done(row: Wish, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return changed(url_for("wishes.desk_show", wish=row.public_id))


def _again(row: Wish, *, status: int = 422, **forms: Any) -> Response:
    """Show the page once more with a form that cannot be used."""
    values = desk.detail(row, current_actor(), **forms)
    return page("wishes/desk_show.html", status=status, **values)


def _taken(action: Any, row_id: int, *words: Any, **known: Any) -> None:
    write(action, row_id, *words, actor=current_actor(), now=clock.now(), **known)


@bp.post("/desk/wishes/<wish>/verification")
@_one
def verify(wish: Wish) -> ResponseReturnValue:
    """Note that somebody spoke with the wisher."""
    form = VerifyForm()
    if not form.validate():
        return _again(wish, verifying=form)
    _taken(actions_desk.verify, wish.id, Verified(form.how.data), form.verify_note.data or "")
    return _done(wish, _("已经核实。下一步：写好公开的内容，放上心愿墙。"))


@bp.post("/desk/wishes/<wish>/return")
@_one
def send_back(wish: Wish) -> ResponseReturnValue:
    """Ask the wisher to change it together."""
    form = SendBackForm()
    if not form.validate():
        return _again(wish, returning=form)
    _taken(actions_desk.send_back, wish.id, form.change_note.data)
    return _done(wish, _("已经请许愿人改一改。没有账号的，请打电话告诉他，改好由您代填。"))


@bp.post("/desk/wishes/<wish>/rejection")
@_one
def reject(wish: Wish) -> ResponseReturnValue:
    """Say no, with the reason."""
    form = RejectForm()
    if not form.validate():
        return _again(wish, rejecting=form)
    _taken(actions_desk.reject, wish.id, form.reject_reason.data)
    return _done(wish, _("已经记下没有通过，许愿人会看到原因。"))


@bp.post("/desk/wishes/<wish>/publication")
@_one
def publish(wish: Wish) -> ResponseReturnValue:
    """Put it on the wall."""
    return _put_words(wish, PublishForm(), actions_desk.publish, "publishing")


@bp.post("/desk/wishes/<wish>/words")
@_one
def edit(wish: Wish) -> ResponseReturnValue:
    """Change the public words."""
    return _put_words(wish, WordsForm(), actions_desk.edit, "editing")


def _put_words(wish: Wish, form: WordsForm, action: Any, name: str) -> ResponseReturnValue:
    if not form.validate():
        return _again(wish, **{name: form})
    words = form.words()
    try:
        _taken(action, wish.id, words)
    except Invalid as wrong:
        form.add_error(wrong.field, wrong.message)
        return _again(wish, **{name: form})
    except Refused as refused:
        return _leaking(wish, words, form, refused, name, "text")
    return _done(wish, _("已经放上心愿墙。"))


def _leaking(
    wish: Wish, words: PublicWords, form: Any, refused: Refused, name: str, field: str
) -> Response:
    """Show what looks personal in the words; any other refusal has a page of its own."""
    if "leaks" not in refused.codes:
        raise refused
    form.add_error(field, refused.message)
    found = actions_desk.found_in(wish.id, words)
    shown = [{"kind": leaks.LEAK_LABELS[one.kind], "words": one.words} for one in found]
    return _again(wish, status=409, **{name: form, "leaks": shown})


@bp.post("/desk/wishes/<wish>/confirmation")
@_one
def call_back(wish: Wish) -> ResponseReturnValue:
    """Take down the wisher's word: told on the phone, or proved with the code at the desk."""
    form = CallBackForm()
    if not form.validate():
        return _again(wish, calling=form)
    code = form.code.data or ""
    way = ConfirmWay.CODE if code else ConfirmWay.CALL_BACK
    word = Word(way, int(form.satisfaction.data), form.feedback.data or "", code)
    _taken(actions_closing.confirm, wish.id, word)
    return _done(wish, _("已经记下许愿人的确认。下一步：销号。"))


@bp.post("/desk/wishes/<wish>/reopening")
@_one
def not_done(wish: Wish) -> ResponseReturnValue:
    """Note that the wisher is not satisfied yet."""
    form = NotDoneForm()
    if not form.validate():
        return _again(wish, reopening=form)
    _taken(actions_closing.reopen, wish.id, form.shortfall.data)
    return _done(wish, _("已经告诉认领人，请他再去看看。"))


@bp.post("/desk/wishes/<wish>/closing")
@_one
def close(wish: Wish) -> ResponseReturnValue:
    """Close it by its number; the time it took is credited."""
    form = CloseForm()
    if not form.validate():
        return _again(wish, closing=form)
    try:
        _taken(actions_closing.close, wish.id, form.close_reason.data or "")
    except Invalid as wrong:
        form.add_error("close_reason", wrong.message)
        return _again(wish, closing=form)
    return _done(wish, _("已经销号。登记过的服务时间记入了时长。"))


@bp.post("/desk/wishes/<wish>/withdrawal")
@_one
def withdraw_for(wish: Wish) -> ResponseReturnValue:
    """Take it back as the wisher asked."""
    form = WithdrawForm()
    if not form.validate():
        return _again(wish, withdrawing=form)
    _taken(actions.withdraw, wish.id, form.withdraw_reason.data)
    return _done(wish, _("已经撤回。认领人会收到通知。"))


@bp.post("/desk/wishes/pledges/<pledge>/return")
@allowed(policy.may_end, pledge=pledges.pledge_by_id)
def end_pledge(pledge: Pledge) -> ResponseReturnValue:
    """Give a pledge back as the pledger asked, so that somebody else may take it on."""
    form = EndPledgeForm()
    if not form.validate():
        return _again(pledge.wish, ending=form)
    _taken(actions_pledges.give_back, pledge.id, form.reason.data)
    return _done(pledge.wish, _("已经替认领人退回，心愿回到了心愿墙。"))


# --- the story ------------------------------------------------------------------------------------


@bp.post("/desk/wishes/<wish>/consent")
@_one
def note_consent(wish: Wish) -> ResponseReturnValue:
    """Note what the wisher said about being told of; no is as easy as yes."""
    form = ConsentForm()
    if not form.validate():
        return _again(wish, consenting=form)
    if form.told.data == "no":
        _taken(actions_stories.take_back, wish.id)
        return _done(wish, _("记下了，不讲这个故事。"))
    with_photo = form.told.data == "photo"
    _taken(actions_stories.agree, wish.id, ConfirmWay.CALL_BACK, with_photo=with_photo)
    return _done(wish, _("记下了，许愿人同意讲这个故事。"))


@bp.post("/desk/wishes/<wish>/story")
@_one
def tell(wish: Wish) -> ResponseReturnValue:
    """Put the story up for everybody."""
    form = StoryForm()
    if not form.validate():
        return _again(wish, telling=form)
    looked_over = bool(form.story_looked_over.data)
    text = str(form.story.data)
    try:
        _taken(actions_stories.tell, wish.id, text, looked_over=looked_over)
    except Refused as refused:
        return _leaking(wish, PublicWords(wish.alias, text), form, refused, "telling", "story")
    return _done(wish, _("故事已经公开。"))
