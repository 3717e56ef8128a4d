"""The OpenAPI page: an example for every request, answer and error, and each example true to its model."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from domain.wire import v1
from ingest_api.app import IngestApp

MODELS = {
    name: model for name, model in vars(v1).items() if isinstance(model, type) and issubclass(model, BaseModel)
}
PATHS = {
    ("post", "/v1/taps:batch"),
    ("post", "/v1/devices/enrol"),
    ("get", "/v1/devices/me/roster"),
    ("get", "/v1/devices/me/state"),
    ("post", "/v1/devices/me/report"),
    ("get", "/v1/health"),
}


@pytest.fixture
def described(app: IngestApp) -> dict[str, Any]:
    """The description that the server gives of itself."""
    return app.openapi()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation)."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def bodies(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each documented request and answer as (where, content), except answers without a body."""
    for method, path, operation in operations(described):
        if "requestBody" in operation:
            yield f"{method} {path}", operation["requestBody"]["content"]["application/json"]
        for status, answer in operation["responses"].items():
            if status != "304":
                yield f"{method} {path} {status}", answer["content"]["application/json"]


def test_every_address_is_described(described: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in operations(described)} == PATHS


def test_every_request_and_answer_has_an_example_that_its_model_accepts(described: dict[str, Any]) -> None:
    seen = 0
    for where, content in bodies(described):
        model = MODELS[content["schema"]["$ref"].rpartition("/")[2]]
        assert content["examples"], where
        for example in content["examples"].values():
            model.model_validate(example["value"])
            seen += 1
    assert seen > len(PATHS)


def test_every_error_is_an_error_v1_named_by_its_code(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert "500" in errors, f"{method} {path}"
        for answer in errors.values():
            content = answer["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/ErrorV1")
            assert all(example["value"]["code"] == code for code, example in content["examples"].items())


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    references = set(all_references(described))
    assert {"BatchV1", "TapV1"} <= {reference.rpartition("/")[2] for reference in references}
    assert [reference for reference in references if reference.rpartition("/")[2] not in schemas] == []


def all_references(node: Any) -> Iterator[str]:
    """Yield every `$ref` below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from all_references(value)
    elif isinstance(node, list):
        for value in node:
            yield from all_references(value)


def test_terminals_are_asked_for_their_token_except_to_enrol(described: dict[str, Any]) -> None:
    asked = {(method, path) for method, path, operation in operations(described) if operation.get("security")}
    assert asked == PATHS - {("post", "/v1/devices/enrol"), ("get", "/v1/health")}
