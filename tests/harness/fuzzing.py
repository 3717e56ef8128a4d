"""Requests drawn from an OpenAPI description, sound and damaged, and what each answer must conform to."""

from typing import Any

import httpx
import schemathesis
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

AnyCase = Case[Any]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def cases_of(application: FastAPI, mode: GenerationMode) -> dict[str, st.SearchStrategy[AnyCase]]:
    """Return what draws requests of each operation, by « METHOD path ».

    Those of `NEGATIVE` contradict the description somewhere: only a body can, an address takes any text.
    """
    schema = schemathesis.openapi.from_dict(application.openapi())
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    return {
        operation.label: operation.as_strategy(generation_mode=mode)
        for operation in operations
        if mode is GenerationMode.POSITIVE or operation.body
    }


def ask(client: httpx.Client, case: AnyCase, **headers: str) -> httpx.Response:
    """Send a drawn request with headers (lower case) of one's own; check that the answer is as described."""
    request = case.as_transport_kwargs(base_url=str(client.base_url))
    body = request.pop("data", None)
    if isinstance(body, bytes | str):
        request["content"] = body
    elif body is not None:
        request["data"] = body
    drawn = {name: value for name, value in request["headers"].items() if name.lower() not in headers}
    request["headers"] = drawn | headers
    request.pop("cookies", None)
    answer = client.request(**request)
    case.validate_response(answer, checks=CHECKS)
    return answer
