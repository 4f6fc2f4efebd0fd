"""A feature imports only from lower floors; neighbours on one floor never import each other."""

from portal import load_models
from portal.core.db import Base
from portal.floors import FEATURES, FLOORS, floor_of
from tests.house.reading import PORTAL, feature_of, files, imports, shown

# The application itself, not features: everybody may ask for the configuration and the list.
OPEN_TO_ALL = {"config", "floors"}
# Who walks the floors to call the hooks of each feature asks the application for their files.
WALKERS = {("cli", "load"), ("site", "load"), ("cli", "create_app")}


def portal_imports():
    for file in sorted(PORTAL.glob("*/**/*.py")):
        for line, module in imports(file):
            parts = module.split(".")
            if parts[0] == "portal" and len(parts) > 1:
                yield file, line, parts[1]


def test_every_package_stands_on_one_floor():
    packages = {file.parent.name for file in PORTAL.glob("*/__init__.py")}
    names = [name for floor in FLOORS for name in floor]
    assert sorted(names) == sorted(packages)
    assert set(FEATURES) == packages - {"core"}


def test_imports_point_down():
    wrong = []
    for file, line, target in portal_imports():
        own = feature_of(file)
        if target == own or target in OPEN_TO_ALL or (own, target) in WALKERS:
            continue
        if target not in FEATURES and target != "core":
            wrong.append(f"{shown(file)}:{line} imports portal.{target}, which is no feature")
        elif floor_of(target) >= floor_of(own):
            wrong.append(f"{shown(file)}:{line} ({own}) imports {target}, which is not below it")
    assert wrong == []


def test_the_reader_sees_imports_inside_functions(tmp_path):
    file = tmp_path / "one.py"
    file.write_text(
        "def late():\n    from portal.site import me\n"
        "def later():\n    import_module('portal.cli')\n"
        "import portal.figures\n"
    )
    assert [module for _line, module in imports(file)] == [
        "portal.figures",
        "portal.site.me",
        "portal.cli",
    ]


def test_the_application_is_imported_by_no_feature_but_the_commands():
    wrong = [
        f"{shown(file)}:{line}"
        for file in files()
        for line, module in imports(file)
        if module in {"portal.create_app", "wsgi"} and feature_of(file) != "cli"
    ]
    assert wrong == []


def test_core_has_no_table():
    assert not [
        shown(file)
        for file in sorted((PORTAL / "core").glob("*.py"))
        if "__tablename__" in file.read_text(encoding="utf-8")
    ]


def test_links_between_tables_point_down():
    """Foreign keys name tables of the same feature or of lower floors."""
    for feature in FEATURES:
        load_models(feature)
    owners = {
        mapper.local_table.name: mapper.class_.__module__.split(".")[1]
        for mapper in Base.registry.mappers
    }
    wrong = [
        f"{table.name} -> {key.column.table.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if floor_of(owners[key.column.table.name]) > floor_of(owners[table.name])
    ]
    assert wrong == []


def test_nothing_is_deleted_by_way_of_a_foreign_key():
    wrong = [
        f"{table.name}.{key.parent.name}: {key.ondelete}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.ondelete != "RESTRICT"
    ]
    assert wrong == []
