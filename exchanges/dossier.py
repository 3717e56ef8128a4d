"""What a family receives when it asks for all that is held on it: a zip of CSV files, and the same in JSON."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from domain.french import long_date
from records.operations.family_export import Dossier, Section

README = "LISEZMOI.txt"
_BOM = "\ufeff"  # without it spreadsheets read accents wrong


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """Return the French names of tables (`tables`) and columns (`columns`)."""
    return tomllib.loads((files("exchanges") / "dossier.toml").read_text(encoding="utf-8"))


def write_dossier(dossier: Dossier, target: Path) -> None:
    """Write a zip that anybody can open: a file to read first, a CSV a table, everything in one JSON."""
    draft = target.with_name(f"{target.name}.new")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, _readme(dossier))
        for section in dossier.sections:
            archive.writestr(f"{words()['tables'][section.table]}.csv", _BOM + _csv(section))
        archive.writestr("dossier.json", json.dumps(_json(dossier), ensure_ascii=False, indent=1))
    draft.chmod(0o600)
    draft.replace(target)


def _csv(section: Section) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([words()["columns"][name] for name in section.columns])
    writer.writerows([_text(row[name]) for name in section.columns] for row in section.rows)
    return buffer.getvalue()


def _json(dossier: Dossier) -> dict[str, object]:
    return {
        words()["tables"][section.table]: [
            {words()["columns"][name]: row[name] for name in section.columns} for row in section.rows
        ]
        for section in dossier.sections
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    return {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value)


def _readme(dossier: Dossier) -> str:
    tables = words()["tables"]
    found = "".join(f"- {tables[each.table]}.csv : {len(each.rows)}\r\n" for each in dossier.sections)
    missing = ", ".join(tables[name] for name in dossier.left_out)
    left_out = (
        f"\r\nNe sont pas ici, faute du droit de les lire : {missing}. Demandez un export complet à un "
        "administrateur fonctionnel.\r\n"
        if missing
        else ""
    )
    return (
        f"Tout ce qui est conservé sur le dossier « {dossier.name} », le {long_date(dossier.made_on)}.\r\n\r\n"
        "Chaque fichier .csv s'ouvre dans un tableur (séparateur : point-virgule). Le fichier dossier.json dit "
        "la même chose, pour un autre logiciel. Les montants sont en centimes d'euro.\r\n\r\n"
        f"Fichiers, et nombre de lignes :\r\n{found}{left_out}\r\n"
        "Pour le service, avant de remettre ces fichiers : un dossier peut parler de plusieurs personnes. Retirez "
        "ce qui ne concerne pas la personne qui demande, par exemple l'adresse d'un autre parent.\r\n"
    )
