"""Freezing what is declared to the CAF when it is exported, and reading it again: nothing changes silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.caf_days import DeclaredDay, packed, unpacked
from domain.caf_declarations import (
    FORECAST,
    TYPED,
    VERSION_WORDS,
    About,
    Control,
    Figure,
    canonical_controls,
    canonical_figures,
    read_controls,
    read_figures,
    seal,
)
from domain.errors import Conflict, NotFound
from domain.french import typeset
from records.actors import Actor, Right
from records.database import Records
from records.models import Declaration, Person, Structure
from records.operations.lookup import add, by_ref, chunks, invalid
from records.operations.registry import Scope, operation


@dataclass(frozen=True, slots=True)
class NewDeclaration:
    """What is to be frozen: figures, controls and the days they count, as the published snapshot gave them."""

    structure_ref: str
    year: int
    version: str
    snapshot_id: str
    figures: tuple[Figure, ...]
    controls: tuple[Control, ...]
    days: tuple[DeclaredDay, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclarationSeen:
    """A frozen declaration; `sha256` was checked again when it was read."""

    about: About
    figures: tuple[Figure, ...]
    controls: tuple[Control, ...]
    sha256: str
    recorded_at: int
    recorded_by: str
    keeps_days: bool = False
    days_are_gone: bool = False


@operation(Right.DECLARE_CAF, Scope.PLACE)
def freeze_declaration(records: Records, actor: Actor, new: NewDeclaration) -> DeclarationSeen:
    """Freeze a declaration under the next number of its version; returns it with its hash.

    Raises InvalidData without a figure, for an unknown version, or for a typed value that is no forecast.
    """
    if new.version not in VERSION_WORDS:
        raise invalid("Cette version de déclaration n'existe pas.", version=new.version)
    if not new.figures:
        raise invalid("Il n'y a aucun chiffre à figer pour cette structure et cette année.")
    if new.version != FORECAST and any(each.basis == TYPED for each in new.figures):
        raise invalid("Un chiffre ne se saisit que dans un prévisionnel : les autres versions se calculent.")
    with records.write(actor, "freeze_declaration") as write:
        structure = by_ref(write.session, Structure, new.structure_ref)
        actor.require(Right.DECLARE_CAF, structure.id)
        count = write.session.scalar(
            select(func.count()).where(
                Declaration.structure_id == structure.id,
                Declaration.year == new.year,
                Declaration.version == new.version,
            )
        )
        about = About(structure.ref, new.year, new.version, (count or 0) + 1, new.snapshot_id)
        figures, controls = canonical_figures(new.figures), canonical_controls(new.controls)
        # A forecast counts no day: its lines are typed, or those of the year before.
        days, days_sha256 = (None, None) if new.version == FORECAST else packed(new.days)
        row = Declaration(
            structure_id=structure.id,
            year=new.year,
            version=new.version,
            number=about.number,
            snapshot_id=new.snapshot_id,
            figures=figures,
            controls=controls,
            sha256=seal(about, figures, controls, days_sha256),
            days=days,
            days_sha256=days_sha256,
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        add(write, row)
        return _seen(row, days is not None, structure.ref)


@operation(Right.SEE_CAF, Scope.PLACE)
def declarations(records: Records, actor: Actor, structure_ref: str, years: Sequence[int]) -> list[DeclarationSeen]:
    """Return what was frozen for a structure in some years, in the order it was. Raises NotFound, Conflict."""
    with records.read() as session:
        structure = by_ref(session, Structure, structure_ref)
        actor.require(Right.SEE_CAF, structure.id)
        return [_seen(*found, structure.ref) for found in _rows(session, structure.id, years)]


@operation(Right.SEE_CAF, Scope.PLACE)
def declaration_frozen(
    records: Records, actor: Actor, structure_ref: str, version: str, year: int
) -> DeclarationSeen:
    """Return the last one frozen of a version. Raises NotFound, or Conflict when it was tampered with."""
    with records.read() as session:
        structure = by_ref(session, Structure, structure_ref)
        actor.require(Right.SEE_CAF, structure.id)
        found = [each for each in _rows(session, structure.id, [year]) if each[0].version == version]
        if not found:
            words = VERSION_WORDS.get(version, version)
            raise NotFound(
                typeset(f"Aucune déclaration « {words} » de {year} n'est figée pour {structure.name}."),
                version=version,
            )
        return _seen(*found[-1], structure.ref)


@operation(Right.SEE_CAF, Scope.PLACE, also=frozenset({Right.SEE_FAMILIES}))
def declared_days(records: Records, actor: Actor, about: About) -> tuple[DeclaredDay, ...]:
    """Return the days that the lines of a frozen declaration counted: children by reference, never by name.

    Raises NotFound where none is kept, as of a forecast or once the control is over, and Conflict when they were
    tampered with.
    """
    with records.read() as session:
        structure = by_ref(session, Structure, about.structure_ref)
        for right in (Right.SEE_FAMILIES, Right.SEE_CAF):
            actor.require(right, structure.id)
        kept = session.execute(
            select(Declaration.days, Declaration.days_sha256).where(
                Declaration.structure_id == structure.id,
                Declaration.year == about.year,
                Declaration.version == about.version,
                Declaration.number == about.number,
            )
        ).one_or_none()
    if kept is None or kept.days is None or kept.days_sha256 is None:
        raise NotFound(
            typeset("Les journées de cette déclaration ne sont pas gardées : ses lignes ne s'ouvrent pas.")
        )
    return unpacked(kept.days, kept.days_sha256)


@operation(Right.SEE_CAF, Scope.PLACE, also=frozenset({Right.SEE_FAMILIES}))
def declared_names(records: Records, actor: Actor, about: About) -> dict[str, tuple[str, str]]:
    """Return last and first name of the children whose days a frozen declaration counted, by reference.

    One who is counted no more still has a name there. Raises NotFound and Conflict as `declared_days` does.
    """
    refs = {each.child_ref for each in declared_days(records, actor, about)}
    found: dict[str, tuple[str, str]] = {}
    with records.read() as session:
        for part in chunks(sorted(refs)):
            people = select(Person.ref, Person.last_name, Person.first_name).where(Person.ref.in_(part))
            found.update({ref: (last, first) for ref, last, first in session.execute(people)})
    return found


def _rows(session: Session, structure_id: int, years: Sequence[int]) -> list[tuple[Declaration, bool]]:
    """Return the declarations of some years in the order they were frozen, each with whether its days are kept."""
    rows = select(Declaration, Declaration.days.is_not(None)).where(
        Declaration.structure_id == structure_id, Declaration.year.in_(years)
    )
    found = session.execute(rows.order_by(Declaration.recorded_at, Declaration.id))
    return [(row, keeps_days) for row, keeps_days in found]


def _seen(row: Declaration, keeps_days: bool, structure_ref: str) -> DeclarationSeen:
    about = About(structure_ref, row.year, row.version, row.number, row.snapshot_id)
    if seal(about, row.figures, row.controls, row.days_sha256) != row.sha256:
        raise Conflict(
            typeset(
                f"La déclaration {row.year} n° {row.number} ne correspond plus à son empreinte : ses chiffres ont "
                "été modifiés hors de Marelle. Prévenez l'administration avant de l'utiliser."
            ),
            declaration_id=row.id,
        )
    return DeclarationSeen(
        about,
        read_figures(row.figures),
        read_controls(row.controls),
        row.sha256,
        row.recorded_at,
        row.recorded_by,
        keeps_days,
        row.days_sha256 is not None and not keeps_days,
    )
