"""The public JSON shapes of API Particulier v3 that Marelle reads; everything else in an answer is ignored.

Source: API Particulier v3, `dss/quotient_familial` and `dss/participation_familiale_eaje` (CAF notes §4.2).
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from domain.allocataires import EAJE, QUOTIENT

Shape = TypeVar("Shape", bound=BaseModel)
FIGURES = {QUOTIENT: "quotient_familial", EAJE: "parametres_calcul_participation_familiale"}


class Quotient(BaseModel):
    """The QF and the month that it is of."""

    fournisseur: Literal["CNAF", "MSA"]
    valeur: Decimal = Field(ge=0, le=20_000_000)
    annee: int = Field(ge=2000, le=2200)
    mois: int = Field(ge=1, le=12)


class QuotientData(BaseModel):
    """`data` of the quotient; the household and its address are not read."""

    quotient_familial: Quotient


class QuotientAnswer(BaseModel):
    """The whole answer of `quotient_familial`."""

    data: QuotientData


class Resources(BaseModel):
    """The annual base in euros, and the year it is of."""

    valeur: Decimal = Field(ge=0, le=100_000_000_000)
    annee_calcul: int = Field(ge=2000, le=2200)


class EajeParameters(BaseModel):
    """What an EAJE fee rests on."""

    nombre_enfants_a_charge: int = Field(ge=0, le=50)
    nombre_enfants_beneficiaire_aeeh: int = Field(ge=0, le=50)
    base_ressources_annuelles: Resources


class EajeData(BaseModel):
    """`data` of the EAJE endpoint; the household and its address are not read."""

    parametres_calcul_participation_familiale: EajeParameters


class EajeAnswer(BaseModel):
    """The whole answer of `participation_familiale_eaje`."""

    data: EajeData


class ErrorSource(BaseModel):
    """Which parameter an error is about."""

    parameter: str | None = None


class ApiError(BaseModel):
    """One error; `title` is told to people, `detail` never: it may repeat what was asked."""

    code: str = ""
    title: str = ""
    source: ErrorSource | None = None


class ErrorAnswer(BaseModel):
    """The body of every answer that is not 200."""

    errors: list[ApiError] = Field(min_length=1)


def read_shape(shape: type[Shape], body: bytes) -> Shape | None:
    """Return a body in a shape, None when it is not in that shape; numbers are exact."""
    try:
        content: Any = json.loads(body, parse_float=Decimal)
        return shape.model_validate(content)
    except (ValueError, ValidationError, RecursionError):
        return None


def first_error(body: bytes) -> ApiError:
    """Return the first error of a body, an empty one when it is not in the shape of the API."""
    found = read_shape(ErrorAnswer, body)
    return ApiError() if found is None else found.errors[0]


def is_masked(endpoint: str, body: bytes) -> bool:
    """Say whether an answer has the API's shape and leaves its figure out, as a token without the scope gets it."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return False
    data = content.get("data") if isinstance(content, dict) else None
    return isinstance(data, dict) and data.get(FIGURES[endpoint]) is None
