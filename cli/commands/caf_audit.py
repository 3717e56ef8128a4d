"""`marelle caf audit`: the evidence that a CAF controller asks for, in one folder."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.dates import parse_day

if TYPE_CHECKING:
    from domain.caf_audit import RegisterLine
    from warehouse.reader import Reader


def audit(
    structure: Annotated[str, typer.Argument(metavar="STRUCTURE", help="Référence de la structure.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")],
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris.")],
    out: Annotated[Path, typer.Option(metavar="DOSSIER", help="Dossier à créer.")],
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Écrire le dossier qu'un contrôleur de la CAF demande : tout, ou rien.

    Registres de présence, corrections avec leur auteur, synthèse qui tombe juste, règles et paramètres, preuve que
    les passages n'ont pas été modifiés, empreinte de chaque fichier. Un passage altéré y est nommé, et la commande
    échoue.
    """
    from cli.output import print_json, print_line, progress
    from cli.settings import home_folder, operator, records_here
    from domain.errors import Conflict
    from exchanges.caf_audit import verdict, write_audit
    from exchanges.caf_audit_rows import Hours, Period
    from records.operations.caf_evidence import caf_evidence, taken_on
    from warehouse.reader import open_snapshot

    begins, ends = parse_day(first), parse_day(last)
    reader = open_snapshot(home_folder())
    with records_here() as records, progress("Dossier de contrôle") as tell:
        evidence = caf_evidence(records, operator(), structure, begins, ends)
        tell(0.2, "Registres")
        hours = Hours(
            reader.snapshot.id,
            tuple(
                line for line in _registers(reader, structure, begins, ends) if line.child_ref in evidence.children
            ),
            tuple(reader.counted_days(structure, begins, ends)),
            reader.declared_minutes(structure, begins.replace(day=1), ends.replace(day=1)),
        )
        tell(0.6, "Mise en page")
        digests = write_audit(evidence, hours, Period(begins, ends, taken_on(records, evidence)), out)
    files = f"{len(digests)} fichiers dans {out}, vérifiables par « sha256sum -c MANIFESTE.sha256 »."
    if as_json:
        print_json({"folder": str(out), "files": digests, "is_whole": evidence.is_whole})
    else:
        print_line(files)
    if not evidence.is_whole:
        raise Conflict(verdict(evidence))
    if not as_json:
        print_line(verdict(evidence))


def _registers(reader: Reader, structure: str, first: date, last: date) -> list[RegisterLine]:
    from domain.caf_audit import RegisterLine
    from domain.french import staff_name

    found = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        found += [
            RegisterLine(
                day,
                stay.child_ref,
                staff_name(stay.child_last_name, stay.child_first_name),
                stay.service_ref,
                stay.service_label,
                stay.arrived_minute,
                stay.left_minute,
                stay.is_arrival_derived,
                stay.is_departure_derived,
            )
            for stay in reader.stays(day, [structure])
        ]
    return found
