"""What the check, the legal export and the erasure make of certificates."""

import pytest
from sqlalchemy import update

from portal.certificates import actions, hooks, queries
from portal.certificates.models import Certificate, CertificateHead
from portal.certificates.sheet import code_of
from portal.core import clock
from portal.core.db import db, write
from portal.site import personal
from tests.certificates.given import issued, served, state_of


@pytest.fixture
def certified(make):
    station = make.station()
    person = make.volunteer(station)
    served(person, station)
    return person, issued(person, station)


FAULTS = (
    (update(Certificate).values(minutes=100), "says 100 minutes, the ledger 90"),
    (update(Certificate).values(entry_digest="0" * 64), "its digest is not that of its entries"),
    (update(Certificate).values(sheet_sealed=b"0" * 40), "what is printed on it cannot be read"),
    (update(CertificateHead).values(digest="0" * 64), "its place in the ledger is gone"),
    (update(CertificateHead).values(seq=0), "says 90 minutes, the ledger 0"),
)


@pytest.mark.parametrize(("change", "line"), FAULTS, ids=[line for _change, line in FAULTS])
def test_the_check_finds_what_the_ledger_does_not_bear_out(certified, change, line):
    _person, row = certified
    assert hooks.check() == []
    write(lambda: db.session.execute(change))
    assert f"certificate {row.id}: {line}" in "\n".join(hooks.check())


def test_the_export_holds_each_with_the_address_that_checks_it(certified):
    person, row = certified
    (one,) = personal.gathered(person.id)["certificates"]
    assert (one["number"], one["minutes"], one["state"]) == (row.number, 90, "valid")
    assert one["check"] == f"http://localhost/certificates/{code_of(row)}"
    assert one["on_behalf"] is False


def test_erasing_takes_the_name_and_ends_it_visibly(certified, make, browser):
    person, row = certified
    station = row.station
    other = make.volunteer(station)
    served(other, station)
    kept = issued(other, station)
    own = make.actor(person)
    old = issued(person, station, until=1)
    write(actions.reissue, old.id, actor=own, now=clock.now())
    write(personal.erase, person.id, actor=own, now=clock.now())
    db.session.expire_all()
    now = queries.certificate(row.id)
    assert (now.sheet_sealed, now.name_masked, state_of(row)) == (None, "", "revoked")
    assert (state_of(kept), state_of(old)) == ("valid", "superseded")
    assert queries.certificate(old.id).sheet_sealed is None
    assert hooks.check() == []
    page = browser.get(f"/certificates/{code_of(row)}").text
    assert "本人注销了账号，姓名已经删除" in page


def test_the_link_of_a_notice(certified, app):
    _person, row = certified
    with app.test_request_context():
        assert hooks.url_certificate(row.id) == f"/me/certificates/{row.public_id}"
        assert hooks.url_certificate(0) == "/me/certificates"
