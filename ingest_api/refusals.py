"""Typed refusals: a stable code for programs, a French sentence for people, always as `ErrorV1`."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from domain.errors import MarelleError
from domain.french import typeset
from domain.wire.v1 import ErrorV1
from records.operations.quarantine import QuarantineFull, StorageUnavailable
from records.operations.rosters import DeviceRevoked

# What a MarelleError of this code answers; anything else is a 500.
STATUS_OF = {
    "unknown_device": HTTPStatus.UNAUTHORIZED,
    "quarantine_full": HTTPStatus.UNAUTHORIZED,
    "code_refused": HTTPStatus.FORBIDDEN,
    "device_revoked": HTTPStatus.FORBIDDEN,
    "unreadable_batch": HTTPStatus.BAD_REQUEST,
    "unsupported_protocol": HTTPStatus.BAD_REQUEST,
    "unsupported_report": HTTPStatus.BAD_REQUEST,
    "invalid_request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "batch_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "report_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_taps": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "slow_request": HTTPStatus.REQUEST_TIMEOUT,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "server_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "storage_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
# The rest of the request may still be on its way.
CLOSING = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT})
RETRY_AFTER_SECONDS = {HTTPStatus.TOO_MANY_REQUESTS: 60, HTTPStatus.SERVICE_UNAVAILABLE: 1}

MESSAGES = {
    "unknown_device": "Ce terminal n'est pas reconnu. Il garde tout ce qu'il a noté. "
    "Réenrôlez-le avec un code à usage unique.",
    "code_refused": "Ce code n'ouvre rien : il est inconnu, déjà utilisé ou périmé. "
    "Demandez-en un nouveau à l'administration du service.",
    "quarantine_full": QuarantineFull.words,
    "device_revoked": DeviceRevoked.words,
    "unreadable_batch": "Ce lot est illisible. Ses octets sont conservés tels quels : l'administration du service "
    "les examinera. Le terminal garde tout.",
    "unsupported_protocol": "Ce terminal parle une version du protocole que ce serveur ne connaît pas. "
    "Son envoi est conservé tel quel et il garde tout. Mettez le serveur à jour.",
    "unsupported_report": "Ce terminal parle une version du protocole que ce serveur ne connaît pas. "
    "Son compte rendu n'est pas enregistré ; ses pointages n'en dépendent pas. Mettez le serveur à jour.",
    "invalid_request": "Cette demande est mal formée. Rien n'a été enregistré.",
    "batch_too_large": "Ce lot dépasse 256 Ko. Rien n'a été enregistré ; le terminal garde tout et le partage.",
    "report_too_large": "Ce compte rendu dépasse 256 Ko. Il n'est pas enregistré ; "
    "les pointages n'en dépendent pas.",
    "too_many_taps": "Ce lot dépasse 200 pointages. Rien n'a été enregistré ; "
    "le terminal garde tout et le partage.",
    "slow_request": "La demande n'est pas arrivée entière à temps. Rien n'a été enregistré ; "
    "le terminal garde tout.",
    "too_many_attempts": "Trop de codes refusés. Attendez une minute avant d'essayer à nouveau.",
    "server_busy": "Le serveur reçoit trop de pointages à la fois. Rien n'a été enregistré ici ; "
    "le terminal garde tout et réessaie.",
    "storage_unavailable": StorageUnavailable.words,
    "not_found": "Cette adresse n'existe pas sur ce serveur.",
    "method_not_allowed": "Cette adresse existe, mais pas pour cette opération.",
    "internal_error": "Le serveur a rencontré une erreur. Rien n'est perdu : le terminal garde tout et réessaie.",
}


class Refusal(MarelleError):
    """A refusal by its code, in its usual words unless others say more."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(typeset(message or MESSAGES[code]))
        self.code = code


def error_response(error: MarelleError) -> Response:
    """Return the answer to a refusal; codes we do not know here are faults of ours."""
    status = STATUS_OF.get(error.code)
    return fault_response() if status is None else _response(error.code, error.message, status)


def fault_response() -> Response:
    """Return the answer to a fault of ours."""
    return _response("internal_error", typeset(MESSAGES["internal_error"]), HTTPStatus.INTERNAL_SERVER_ERROR)


def install(app: FastAPI) -> None:
    """Make every error of the application an `ErrorV1`."""
    app.add_exception_handler(MarelleError, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_fault)


def _response(code: str, message: str, status: int) -> Response:
    headers = {"cache-control": "no-store"}
    if status in CLOSING:
        headers["connection"] = "close"
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status in RETRY_AFTER_SECONDS:
        headers["retry-after"] = str(RETRY_AFTER_SECONDS[HTTPStatus(status)])
    body = ErrorV1(code=code, message=message).model_dump_json().encode()
    return Response(body, status, headers, media_type="application/json")


def _on_refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, MarelleError)
    return error_response(error)


def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code)
    if code is None:  # a body that is not even text: to the caller, one more form of « mal formée »
        return error_response(Refusal("invalid_request"))
    return _response(code, typeset(MESSAGES[code]), error.status_code)


def _on_invalid(_request: Request, _error: Exception) -> Response:
    return error_response(Refusal("invalid_request"))


def _on_fault(_request: Request, _error: Exception) -> Response:
    return fault_response()
