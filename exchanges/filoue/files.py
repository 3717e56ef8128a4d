"""Writing the Filoué file: whoever agrees and nobody else, and nothing when something of them is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import InvalidData
from domain.filoue import FiloueChild, FiloueFigures
from domain.french import plural, typeset
from exchanges.filoue.layouts import Layout
from records.operations.filoue_people import FilouePerson, FilouePlace

_SHOWN = 5
_OF_FIGURES = {"regime_group": "régime", "effort_rate": "taux d'effort"}
_OF_PERSON = {
    "birth_date": "date de naissance",
    "postcode": "code postal",
    "commune": "commune",
}


@dataclass(frozen=True, slots=True)
class FiloueFile:
    """The bytes of a file, how many children it tells, and those left out: no agreement, nothing counted."""

    content: bytes
    children: int
    without_agreement: int
    without_figures: int


def filoue_file(place: FilouePlace, figures: Mapping[str, FiloueFigures], layout: Layout) -> FiloueFile:
    """Return the file of a place's year; raises InvalidData naming what is missing of those to be told."""
    office, file_number = _numbers(place)
    if layout.asks("idequ") and not place.idequ:
        raise InvalidData(
            typeset(
                f"Ce format demande l'IDEQU de « {place.structure_ref} », qui n'est pas saisi. Saisissez-le dans "
                "Convention CAF. Rien n'a été écrit."
            )
        )
    agreed = [person for person in place.people if person.agrees]
    told = [person for person in agreed if person.child_ref in figures]
    faults = [f"{person.child_ref} ({fault})" for person in told if (fault := _missing(person, figures))]
    if faults:
        more = "" if len(faults) <= _SHOWN else f" et {len(faults) - _SHOWN} de plus"
        raise InvalidData(
            typeset(
                f"Il manque de quoi remplir le fichier pour {plural(len(faults), 'enfant', 'enfants')} : "
                f"{', '.join(faults[:_SHOWN])}{more}. Complétez leurs dossiers ; le régime se note sur "
                "« Déclarations CAF ». Rien n'a été écrit."
            ),
            children=faults,
        )
    lines = [
        layout.line(_child(person, figures[person.child_ref], (office, file_number, place.idequ)))
        for person in told
    ]
    content = "".join(f"{line}\r\n" for line in [layout.header(), *lines])
    return FiloueFile(content.encode(), len(told), len(place.people) - len(agreed), len(agreed) - len(told))


def _numbers(place: FilouePlace) -> tuple[str, str]:
    if not place.caf_office_code or not place.caf_file_number:
        raise InvalidData(
            typeset(
                f"Le code de la CAF et le numéro de dossier AFC de « {place.structure_ref} » ne sont pas saisis. "
                "Saisissez-les dans Convention CAF : code de la CAF et numéro de dossier."
            )
        )
    return place.caf_office_code, place.caf_file_number


def _missing(person: FilouePerson, figures: Mapping[str, FiloueFigures]) -> str:
    """Return what is missing of a child, empty when nothing is."""
    figured = figures[person.child_ref]
    lacking = [words for name, words in _OF_PERSON.items() if getattr(person, name) is None]
    lacking += [words for name, words in _OF_FIGURES.items() if getattr(figured, name) is None]
    return ", ".join(lacking)


def _child(person: FilouePerson, figures: FiloueFigures, numbers: tuple[str, str, str | None]) -> FiloueChild:
    assert person.birth_date is not None
    assert figures.regime_group is not None
    assert person.postcode is not None
    assert person.commune is not None
    assert figures.effort_rate is not None
    return FiloueChild(
        *numbers,
        person.allocataire_number,
        figures.regime_group,
        person.birth_date,
        person.postcode,
        person.commune,
        figures.billed_hours,
        figures.realised_hours,
        figures.billed_amount,
        figures.effort_rate,
        person.first_day,
        person.last_day,
    )
