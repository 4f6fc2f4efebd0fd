"""The description of the figures API, made from the catalogue so that it cannot fall behind."""

from __future__ import annotations

from typing import Any

from portal.figures import catalogue
from portal.figures.catalogue import Figures
from portal.figures.rules import By

_DAY = {"type": "string", "format": "date"}


def description(address: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the API at an address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Practice portal: figures",
            "version": "1",
            "description": "Participation figures of a district, computed from its records. "
            "Sums only, never a person. Minutes are whole numbers; days are local days.",
        },
        "servers": [{"url": address}],
        "security": [{"token": []}],
        "paths": {"/api/v1/figures": {"get": _figures()}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Figures": _numbers(),
                "Row": _row(),
                "Output": _output(),
                "Definition": _definition(),
                "Answer": _answer(),
                "Error": _error(),
            },
        },
    }


def _figures() -> dict[str, Any]:
    return {
        "operationId": "figures",
        "summary": "Figures of the token's stations",
        "parameters": [
            _parameter("station", "A station; its subtree is counted.", {"type": "string"}),
            _parameter("from", "First local day; the month's first when left out.", _DAY),
            _parameter("to", "Last local day, included; today when left out.", _DAY),
            _parameter(
                "by",
                "What a row stands for.",
                {"type": "string", "enum": [by.value for by in By], "default": By.STATION.value},
            ),
        ],
        "responses": {
            "200": _response("The figures", "Answer"),
            "401": _response("No token, or one that is not valid", "Error"),
            "404": _response("A station the token does not see", "Error"),
            "422": _response("A parameter that cannot be used", "Error"),
        },
    }


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _response(description: str, schema: str) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {"application/json": content}}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _numbers() -> dict[str, Any]:
    sample = catalogue.as_json(Figures(0, 0, 1, 0, 0, 0, 0, 1), By.STATION)
    by_kind = catalogue.as_json(Figures(0, 0, 1, 0, 0), By.KIND)
    properties = {
        name: {"type": ["number" if isinstance(value, float) else "integer", "null"]}
        for name, value in sample.items()
    }
    return _object(properties, *(set(sample) - set(by_kind)))


def _row() -> dict[str, Any]:
    return _object(
        {
            "key": {"type": "string", "description": "Station id, kind code or first day"},
            "name": {"type": "string"},
            "from": _DAY,
            "to": _DAY,
            "figures": {"$ref": "#/components/schemas/Figures"},
        },
        "from",
        "to",
    )


def _output() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("key", "name", "unit")}
    return _object({**texts, "amount": {"type": "number"}, "shifts": {"type": "integer"}})


def _definition() -> dict[str, Any]:
    names = ("key", "name", "unit", "definition", "aggregation", "since")
    return _object({name: {"type": "string"} for name in names})


def _answer() -> dict[str, Any]:
    station = _object({"id": {"type": "string"}, "name": {"type": "string"}})
    return _object(
        {
            "station": station,
            "from": _DAY,
            "to": _DAY,
            "by": {"type": "string"},
            "as_of": {"type": "string", "format": "date-time"},
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
            "total": {"$ref": "#/components/schemas/Figures"},
            "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/Output"}},
            "definitions": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Definition"},
            },
        }
    )


def _error() -> dict[str, Any]:
    fields = {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "field": {"type": ["string", "null"]},
    }
    return _object({"error": _object(fields)})
