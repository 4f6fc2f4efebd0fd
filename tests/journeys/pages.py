"""Every address that answers with a page: who sees it, and where the demo district shows it."""

from __future__ import annotations

from dataclasses import dataclass

EVERYBODY = ("visitor", "resident", "volunteer", "manager", "officer", "administrator")
SIGNED_IN = EVERYBODY[1:]
DESK = ("manager", "officer", "administrator")
MANAGER = ("manager",)
OFFICE = ("officer", "administrator")
ADMINISTRATOR = ("administrator",)


@dataclass(frozen=True, slots=True)
class Sight:
    """An address as the routes have it, who sees it, and one real path of it.

    `{names}` in the path are ids of the demo district; `status` is what it answers.
    """

    rule: str
    roles: tuple[str, ...] = EVERYBODY
    path: str = ""
    status: int = 200
    has_switch: bool = True

    @property
    def address(self) -> str:
        """Return the path to open, with the ids still to be filled in."""
        return self.path or self.rule.replace("<", "{").replace(">", "}")


SIGHTS = (
    Sight("/"),
    Sight("/activities"),
    Sight("/activities", path="/activities?q=没有这样的活动"),
    Sight("/activities", path="/activities?free=1&role=volunteer&station={station}&page=2"),
    Sight("/activities", path="/activities?from=2020-13-01&kind=unknown"),
    Sight("/activities/<activity>"),
    Sight("/activities/<activity>", ("volunteer",), "/activities/{waited_for}"),
    Sight("/activities/<activity>", ("manager", "officer"), "/activities/{in_review}"),
    Sight("/posts"),
    Sight("/posts", path="/posts?q=没有这样的岗&venue=unknown"),
    Sight("/posts", ("visitor", "resident"), "/posts?free=1&station={station}&venue=library"),
    Sight("/posts/<post>"),
    Sight("/posts/<post>", ("volunteer",), "/posts/{post}?all=1"),
    Sight("/posts/<post>/sign", ("visitor", "manager")),
    Sight("/posts/on-duty", ("visitor", "resident")),
    Sight("/posts/cover", ("resident", "volunteer")),
    Sight("/me/duties", ("resident", "volunteer", "manager")),
    Sight("/shifts/<shift>/duty-log", ("volunteer", "manager"), "/shifts/{past_duty}/duty-log"),
    Sight("/stations"),
    Sight("/stations/<station>"),
    Sight("/wishes"),
    Sight("/wishes", path="/wishes?free=1&kind=unknown&q=拐杖"),
    Sight("/wishes/<wish>"),
    Sight("/wishes/new", ("visitor", "resident")),
    Sight("/wishes/track", ("visitor",)),
    Sight("/pledges/<pledge>", ("volunteer",)),
    Sight("/figures"),
    Sight("/privacy"),
    Sight("/accessibility"),
    Sight("/feedback"),
    Sight("/feedback", ("visitor", "resident"), "/feedback?station={station}&about=/activities"),
    Sight("/feedback/track", ("visitor", "resident")),
    Sight("/feedback/track/<token>", ("visitor", "resident"), "/feedback/track/{followed}"),
    Sight("/me/feedback", SIGNED_IN),
    Sight("/me/feedback/<feedback>", ("resident",), "/me/feedback/{own_feedback}"),
    Sight("/login", ("visitor",)),
    Sight("/register", ("visitor",)),
    Sight("/reset", ("visitor",)),
    Sight("/check-in/<code>", ("visitor", "volunteer")),
    Sight("/check-in/<code>", ("visitor", "resident"), "/check-in/abcdefghijklmn", status=404),
    Sight("/check-in", SIGNED_IN),
    Sight("/check-in/done/<visit>", ("volunteer",)),
    Sight("/me", SIGNED_IN),
    Sight("/me/signups", SIGNED_IN),
    Sight("/me/hours", SIGNED_IN),
    Sight("/me/code", SIGNED_IN),
    Sight("/me/password", SIGNED_IN),
    Sight("/me/sign-ins", SIGNED_IN),
    Sight("/me/privacy", SIGNED_IN),
    Sight("/me/privacy/erasure", ("resident", "volunteer")),
    Sight("/me/volunteer", SIGNED_IN),
    Sight("/me/volunteer/card", ("volunteer",)),
    Sight("/me/volunteer/leaving", ("volunteer",)),
    Sight("/me/volunteer/details", ("volunteer",)),
    Sight("/volunteer/apply", ("resident", "manager")),
    Sight("/desk", DESK),
    Sight("/desk/activities", MANAGER),
    Sight("/desk/activities", MANAGER, "/desk/activities?state=draft"),
    Sight("/desk/activities/new", MANAGER),
    Sight("/desk/activities/new", MANAGER, "/desk/activities/new?copy={activity}"),
    Sight("/desk/activities/<activity>", DESK),
    Sight("/desk/activities/<activity>", MANAGER, "/desk/activities/{in_review}"),
    Sight("/desk/activities/<activity>/edit", MANAGER),
    Sight("/desk/activities/<activity>/call-off", MANAGER),
    Sight("/desk/posts", ("manager", "officer")),
    Sight("/desk/posts", MANAGER, "/desk/posts?state=draft"),
    Sight("/desk/posts/new", MANAGER),
    Sight("/desk/posts/new", MANAGER, "/desk/posts/new?copy={post}"),
    Sight("/desk/posts/<post>", ("manager", "officer")),
    Sight("/desk/posts/<post>/edit", MANAGER),
    Sight("/desk/posts/<post>/pattern", MANAGER),
    Sight("/desk/posts/<post>/standing", MANAGER),
    Sight("/desk/posts/<post>/standing/<standing>/end", MANAGER),
    Sight("/desk/posts/<post>/standing/<standing>/absence", MANAGER),
    Sight("/desk/posts/<post>/rota", MANAGER),
    Sight("/desk/posts/<post>/call-off", MANAGER),
    Sight("/desk/rota", ("manager", "administrator")),
    Sight("/office/posts", ("manager", "officer", "administrator")),
    Sight("/desk/shifts/<shift>", MANAGER),
    Sight("/desk/shifts/<shift>/signups/new", MANAGER),
    Sight("/desk/shifts/<shift>/signups/new", MANAGER, "/desk/shifts/{past_shift}/signups/new"),
    Sight(
        "/desk/shifts/<shift>/signups/<signup>/withdrawal",
        MANAGER,
        "/desk/shifts/{coming_shift}/signups/{signup}/withdrawal",
    ),
    Sight("/desk/shifts/<shift>/move", MANAGER, "/desk/shifts/{coming_shift}/move"),
    Sight("/desk/shifts/<shift>/call-off", MANAGER),
    Sight("/desk/shifts/<shift>/board", MANAGER, has_switch=False),
    Sight(
        "/desk/shifts/<shift>/board", MANAGER, "/desk/shifts/{past_shift}/board", has_switch=False
    ),
    Sight("/desk/shifts/<shift>/board/link", MANAGER),
    Sight("/desk/people", MANAGER),
    Sight("/desk/people", MANAGER, "/desk/people?q={person_name}"),
    Sight("/desk/people/<person>", MANAGER),
    Sight("/desk/people/<person>/data", MANAGER),
    Sight("/desk/people/<person>/consents", MANAGER),
    Sight("/desk/people/<person>/erasure", MANAGER),
    Sight("/desk/feedback", DESK),
    Sight("/desk/feedback", ("officer", "manager"), "/desk/feedback?state=withdrawn"),
    Sight("/desk/feedback/new", ("manager", "officer")),
    Sight("/desk/feedback/<feedback>", DESK, "/desk/feedback/{open_feedback}"),
    Sight("/desk/feedback/<feedback>", ("manager", "officer"), "/desk/feedback/{about_staff}"),
    Sight("/desk/reviews", ("officer", "manager")),
    Sight("/desk/volunteers", MANAGER),
    Sight("/desk/volunteers", MANAGER, "/desk/volunteers?q=没有这个人"),
    Sight("/desk/volunteers/<volunteer>", MANAGER),
    Sight("/desk/volunteers/<volunteer>", MANAGER, "/desk/volunteers/{registered}"),
    Sight("/desk/volunteers/<volunteer>/merge", MANAGER),
    Sight("/desk/volunteers/new", MANAGER),
    Sight("/desk/volunteers/paper", MANAGER),
    Sight("/office", OFFICE),
    Sight("/office/figures", OFFICE),
    Sight("/office/figures", OFFICE, "/office/figures?by=day"),
    Sight("/office/figures/records", OFFICE, "/office/figures/records?figure=attendances"),
    Sight("/office/settings", ADMINISTRATOR),
    Sight("/office/tokens", ADMINISTRATOR),
    Sight("/office/tokens/<token>/revocation", ADMINISTRATOR),
    Sight("/office/audit", ADMINISTRATOR),
    Sight("/admin", ADMINISTRATOR),
    Sight("/admin/stations/<station>", ADMINISTRATOR),
    Sight("/admin/stations/<station>/below", ADMINISTRATOR),
    Sight("/admin/roles", ADMINISTRATOR),
    Sight(
        "/admin/roles/revocation",
        ADMINISTRATOR,
        "/admin/roles/revocation?person={manager}&role=station_manager&station={managed}",
    ),
    Sight("/no-such-page", path="/no-such-page", status=404),
    Sight("/desk", ("resident",), status=403),
)

# Pages of the resident's journeys: looked at in both views and both widths each time.
MAIN = (
    Sight("/", ("resident",)),
    Sight("/activities", ("resident",)),
    Sight("/activities/<activity>", ("resident",)),
    Sight("/login", ("visitor",)),
    Sight("/me", ("volunteer",)),
    Sight("/me/signups", ("volunteer",)),
    Sight("/posts", ("resident",)),
    Sight("/posts/<post>", ("resident",)),
    Sight("/me/duties", ("volunteer",)),
    Sight("/me/hours", ("volunteer",)),
    Sight("/check-in/<code>", ("volunteer",)),
    Sight("/check-in/done/<visit>", ("volunteer",)),
)

# Addresses that answer with something else than a page of their own, and why they are not walked.
NO_PAGES = {
    "/.well-known/security.txt": "text",
    "/api/v1/figures": "JSON",
    "/api/v1/openapi.json": "JSON",
    "/cal/all.ics": "calendar",
    "/cal/posts/<post>.ics": "calendar",
    "/cal/shifts/<shift>.ics": "calendar",
    "/cal/stations/<station>.ics": "calendar",
    "/desk/shifts/<shift>.csv": "table",
    "/desk/shifts/<shift>/board/code": "part of the board",
    "/healthz": "for machines",
    "/me/code.svg": "picture",
    "/me/data.json": "JSON",
    "/office/figures.csv": "table",
    "/readyz": "for machines",
    "/resume": "only after a sign-in that ended; a journey sees it",
    "/robots.txt": "text",
    "/shifts/<shift>": "leads to its offering",
}

# Forms sent empty: who, where, and which of the page's forms.
ANY = "form[novalidate]"
EMPTY_FORMS = (
    ("visitor", "/login", ANY),
    ("visitor", "/register", ANY),
    ("visitor", "/reset", ANY),
    ("resident", "/me/password", ANY),
    ("resident", "/volunteer/apply", ANY),
    ("resident", "/check-in", ANY),
    ("visitor", "/feedback", ANY),
    ("visitor", "/feedback/track", ANY),
    ("resident", "/me/feedback/{answered_feedback}", ANY),
    ("manager", "/desk/feedback/new", ANY),
    ("manager", "/desk/feedback/{open_feedback}", ANY),
    ("manager", "/desk/activities/new", ANY),
    ("manager", "/desk/activities/{activity}/call-off", ANY),
    ("manager", "/desk/posts/new", ANY),
    ("manager", "/desk/posts/{post}/call-off", ANY),
    ("manager", "/desk/posts/{post}/standing/{standing}/absence", ANY),
    ("manager", "/shifts/{past_duty}/duty-log", ANY),
    ("volunteer", "/me/duties", ANY),
    ("manager", "/desk/people/{person}", ANY),
    ("manager", "/desk/shifts/{coming_shift}/signups/new", ANY),
    ("manager", "/desk/shifts/{coming_shift}/signups/{signup}/withdrawal", ANY),
    ("manager", "/desk/volunteers/new", ANY),
    ("manager", "/desk/volunteers/{volunteer}", "form[action$='/return']"),
    ("administrator", "/office/tokens", ANY),
)
