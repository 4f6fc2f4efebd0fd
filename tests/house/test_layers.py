"""The files of a feature keep to what they are for (the column "Never" of the architecture)."""

import ast
import re

import pytest

from tests.house.reading import PORTAL, TEMPLATES, calls, feature_of, files, imports, shown, tree_of

# (file, what) -> why it is reasonable there.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("portal/site/trail.py", "select"): "not a view: the selects of the audit page",
    ("portal/signups/panel.py", "select"): "not a view: the selects of what the panel shows",
}


def found(names, pattern):
    for name in names:
        for file in files(name):
            for line, module in imports(file):
                if re.match(pattern, module) and (shown(file), module) not in EXCEPTIONS:
                    yield f"{shown(file)}:{line} {module}"


@pytest.mark.parametrize("name", ["models", "rules"])
def test_models_and_rules_know_no_session_and_no_flask(name):
    assert (
        list(found([name, f"{name}_*"], r"flask|portal\.core\.(web|access\.current_actor)")) == []
    )
    assert list(found([name, f"{name}_*"], r"portal\.core\.db\.(db|write|locked)$")) == []


def test_rules_never_ask_what_time_it_is():
    wrong = [
        f"{shown(file)}:{line}"
        for name in ("rules", "rules_*", "models", "models_*")
        for file in files(name)
        for line, called in calls(file)
        if called in {"now", "today", "utcnow"}
    ]
    assert wrong == []


def test_rules_know_no_queries_and_no_actions():
    assert list(found(["rules", "rules_*"], r"portal\.\w+\.(queries|actions)")) == []


def test_policies_know_no_flask_and_ask_no_questions_of_their_own():
    wrong = r"flask|sqlalchemy|portal\.core\.db|portal\.\w+\.queries"
    assert list(found(["policy"], wrong)) == []


def test_forms_know_no_queries():
    """The choices are passed in; the class that carries them may be named."""
    assert (
        list(found(["forms", "forms_*"], r"portal\.\w+\.queries(\.[a-z]|$)|portal\.core\.db")) == []
    )


def test_only_the_edge_commits():
    """`write` owns the transaction."""
    wrong = [
        f"{shown(file)}:{line} {called}"
        for file in files()
        for line, called in calls(file)
        if called in {"commit", "begin_nested"} and feature_of(file) not in {"core", "cli"}
        if not (called == "begin_nested" and file.name.startswith(("actions", "scans", "batch")))
    ]
    assert wrong == []


def test_actions_know_no_request_and_no_page():
    names = r"flask\.(request|session|g|render_template|redirect|flash|abort|current_app)$"
    assert list(found(["actions", "actions_*"], names)) == []
    assert list(found(["actions", "actions_*"], r"portal\.core\.(web|clock\.now)")) == []


def test_queries_write_nothing():
    wrong = [
        f"{shown(file)}:{line} {called}"
        for file in files("queries")
        for line, called in calls(file)
        if called in {"add", "add_all", "flush", "write", "insert", "update", "delete"}
        if not _is_of_a_set(file, line)
    ]
    assert wrong == []


def _is_of_a_set(file, line):
    """`found.add(x)` of a set is no write: only the session's are."""
    for node in ast.walk(tree_of(file)):
        if (
            isinstance(node, ast.Call)
            and node.lineno == line
            and isinstance(node.func, ast.Attribute)
        ):
            owner = node.func.value
            return not (isinstance(owner, ast.Attribute) and owner.attr == "session")
    return False


def views():
    return [file for file in files() if re.match(r"views(_\w+)?\.py", file.name)] + sorted(
        (PORTAL / "site").glob("*.py")
    )


def test_views_contain_no_select_and_no_role_test():
    wrong = [
        f"{shown(file)}:{line} {called}"
        for file in views()
        for line, called in calls(file)
        if called == "select" and (shown(file), called) not in EXCEPTIONS
    ]
    assert wrong == []


def test_views_change_nothing_but_through_write():
    wrong = [
        f"{shown(file)}:{line} {called}"
        for file in views()
        for line, called in calls(file)
        if called in {"commit", "flush", "add_all"}
    ]
    assert wrong == []


def test_every_exception_still_stands():
    for (name, _what), reason in EXCEPTIONS.items():
        assert PORTAL.parent.joinpath(name).exists(), name
        assert reason


def test_hooks_have_the_fixed_names():
    fixed = re.compile(
        r"(due|check|erase|export|retain|deadlines|job_\w+|url_\w+|deliver_\w+|_\w+)$"
    )
    parts_of_the_check = {"hours": {"chain_faults", "live_credits"}}
    wrong = [
        f"{shown(file)}:{node.lineno} {node.name}"
        for file in files("hooks")
        for node in tree_of(file).body
        if isinstance(node, ast.FunctionDef)
        and not fixed.match(node.name)
        and node.name not in parts_of_the_check.get(feature_of(file), ())
    ]
    assert wrong == []


def test_every_file_says_what_it_is():
    wrong = [shown(file) for file in files() if ast.get_docstring(tree_of(file)) is None]
    assert [name for name in wrong if not name.endswith("blueprint.py")] == []


def test_files_and_templates_stay_small():
    """Half as much again as the aim is the end of what can be read in one go."""
    wrong = {
        shown(file): lines
        for file in sorted(PORTAL.glob("*/**/*.py"))
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert wrong == {}
    long = {
        file.name: lines
        for file in TEMPLATES.glob("**/*.html")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 120
    }
    assert long == {}
