"""The root of Marelle's errors: a French message for people, typed fields for programs."""

from __future__ import annotations


class MarelleError(Exception):
    """An expected failure that a person can act on.

    `message` is French and says what happened, what is recorded and what to do; `code` is stable and
    English, for programs and support.
    """

    code = "error"

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class ParameterMissing(MarelleError):
    """A dated parameter has no value on the day asked for; it is never taken as 0 (house rule 2)."""

    code = "parameter_missing"


class InvalidData(MarelleError):
    """Data given by a person or a file breaks an invariant; nothing was written."""

    code = "invalid_data"


class NotFound(MarelleError):
    """The named thing does not exist, or not at that date."""

    code = "not_found"


class NotAllowed(MarelleError):
    """The actor has no right to do this here and now."""

    code = "not_allowed"


class Conflict(MarelleError):
    """The thing was changed by somebody else since it was read."""

    code = "conflict"
