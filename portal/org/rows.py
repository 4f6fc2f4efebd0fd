"""Vocabularies in the rows of a table: an entry is named by its Chinese or English name, or its code."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms.fields.choices import SelectChoice

from portal.core import rows
from portal.core.forms import Form, choices
from portal.core.rows import Reader
from portal.org import queries
from portal.org.models import Vocabulary


class Terms:
    """What may be chosen in the fields of a form, asked once for all rows.

    `usual`: the code that an empty cell means.
    """

    def __init__(self, fields: Mapping[str, Vocabulary], usual: Mapping[str, str]) -> None:
        known = {name: queries.terms(vocabulary) for name, vocabulary in fields.items()}
        self.readers: dict[str, Reader] = {
            name: rows.one_of(
                [(row.code, (row.name_zh, row.name_en)) for row in entries], usual.get(name, "")
            )
            for name, entries in known.items()
        }
        self.labels = {name: [row.label for row in entries] for name, entries in known.items()}
        self._ids = {name: {row.code: row.id for row in entries} for name, entries in known.items()}
        self._choices: dict[str, list[SelectChoice]] = {
            name: choices((row.code, row.label) for row in entries)
            for name, entries in known.items()
        }

    def offer(self, form: Form) -> None:
        """Put in what can be chosen."""
        for name, offered in self._choices.items():
            form[name].choices = offered

    def ids(self, form: Form) -> dict[str, int]:
        """Return the ids of what was chosen in a valid form, by field."""
        return {name: ids[form[name].data] for name, ids in self._ids.items()}
