"""A browser without JavaScript over the test client, which checks every page it fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import write
from portal.people import actions, queries
from portal.people.models import Person


class PageFault(AssertionError):
    """A page breaks a rule that every page keeps."""


class _Outline(HTMLParser):
    """What the rules need to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.forms: list[dict[str, Any]] = []
        self.headings = 0
        self.inline: list[str] = []
        self.title = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        if tag == "label":
            self.labels.add(values.get("for") or "")
        elif tag == "h1":
            self.headings += 1
        elif tag == "form":
            self.forms.append({**values, "fields": []})
            self._open.append("form")
        elif tag in {"input", "select", "textarea", "button"}:
            if tag != "button":
                self.inputs.append({**values, "in_label": "yes" if "label" in self._open else None})
            if "form" in self._open and self.forms:
                self.forms[-1]["fields"].append({**values, "tag": tag})
        if tag in {"label", "title"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"form", "label", "title"} and tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data


def check_page(html: str, path: str = "") -> None:
    """Raise PageFault when a full page breaks a rule."""
    outline = _Outline(html)
    faults = [*_faults_of_frame(outline), *_faults_of_fields(outline), *_faults_of_forms(outline)]
    if faults:
        raise PageFault(f"{path}: " + "; ".join(faults))


def _faults_of_frame(outline: _Outline) -> Iterator[str]:
    if not outline.title.strip():
        yield "no title"
    if outline.headings != 1:
        yield f"{outline.headings} h1 headings"
    doubles = {one for one in outline.ids if outline.ids.count(one) > 1}
    if doubles:
        yield f"ids used twice: {sorted(doubles)}"
    if outline.inline:
        yield f"inline style or script: {outline.inline[:3]}"


def _faults_of_fields(outline: _Outline) -> Iterator[str]:
    for field in outline.inputs:
        labelled = field.get("id") in outline.labels or field.get("aria-label")
        labelled = labelled or field.get("in_label") or field.get("aria-labelledby")
        if field.get("type") not in {"hidden", "submit"} and not labelled:
            yield f"input without label: {field.get('name')}"


def _faults_of_forms(outline: _Outline) -> Iterator[str]:
    for form in outline.forms:
        if (form.get("method") or "get").lower() == "post":
            names = {field.get("name") for field in form["fields"]}
            if "csrf_token" not in names and form.get("action") != "/preferences":
                yield f"POST form without token: {form.get('action')}"


class FreshClient(FlaskClient):
    """Begins each request with nothing remembered: a test's own context outlives them all."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            for name in list(g):
                g.pop(name)
        return super().open(*args, **kwargs)


class Browser:
    """Fetches pages and sends forms as a person would; every page is checked."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def sign_in(self, person: Person) -> Browser:
        """Sign in without the form."""
        token, _row = write(
            actions.sign_in, person.id, "", actor=queries.actor_of(person), now=clock.now()
        )
        with self.client.session_transaction() as session:
            session.clear()
            session["_user_id"] = token
            session["_fresh"] = True
            session["csrf_token"] = "0" * 40
            session.permanent = True
        return self

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Fetch a page and check it."""
        response = self.client.get(path, **kwargs)
        self._check(response, path)
        return response

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form with the token a page of this session carries."""
        fields = {**(data or {})}
        if kwargs.pop("token", True):
            fields["csrf_token"] = self.token()
        response = self.client.post(path, data=fields, **kwargs)
        self._check(response, path)
        return response

    def send_json(self, path: str, body: Any, **kwargs: Any) -> TestResponse:
        """Send JSON with the token in the header."""
        headers = {"X-CSRFToken": self.token(), **kwargs.pop("headers", {})}
        return self.client.post(path, json=body, headers=headers, **kwargs)

    def token(self) -> str:
        """Return a CSRF token of this session, as a page would carry it."""
        response = self.client.get("/login?stay=1")
        found = re.search(r'name="csrf(?:_|-)token"[^>]*(?:value|content)="([^"]+)"', response.text)
        return found.group(1) if found else ""

    @staticmethod
    def _check(response: TestResponse, path: str) -> None:
        is_page = response.mimetype == "text/html" and "<html" in response.text
        if is_page:
            check_page(response.text, path)
