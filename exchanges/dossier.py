"""What a family receives when it asks for all that is held on it: a zip of CSV files, and the same in JSON."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from domain.errors import NotFound
from domain.french import long_date
from records.operations.family_export import Dossier, PageHeld, Section

README, SCANS = "LISEZMOI.txt", "papiers"
ReadPage = Callable[[int, int], tuple[str, bytes]]  # of a paper and a page: its type and bytes, or NotFound
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_BOM = "\ufeff"  # without it spreadsheets read accents wrong


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """Return the French names of tables (`tables`) and columns (`columns`)."""
    return tomllib.loads((files("exchanges") / "dossier.toml").read_text(encoding="utf-8"))


def write_dossier(dossier: Dossier, target: Path, read_page: ReadPage) -> None:
    """Write a zip that anybody can open: a file to read first, a CSV a table, all in one JSON, and the scans.

    `read_page` is called for one scan after the other; those that are lost are told in the file to read first.
    """
    draft = target.with_name(f"{target.name}.new")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        lost = [page for page in dossier.pages if not _add_page(archive, page, read_page)]
        archive.writestr(README, _readme(dossier, lost))
        for section in dossier.sections:
            archive.writestr(f"{words()['tables'][section.table]}.csv", _BOM + _csv(section))
        archive.writestr("dossier.json", json.dumps(_json(dossier), ensure_ascii=False, indent=1))
    draft.chmod(0o600)
    draft.replace(target)


def _add_page(archive: zipfile.ZipFile, page: PageHeld, read_page: ReadPage) -> bool:
    """Add a scan as it was sent; False when it is lost."""
    try:
        media_type, content = read_page(page.document_id, page.page)
    except NotFound:
        return False
    name = f"{SCANS}/{_page_name(page)}.{_ENDINGS[media_type]}"
    archive.writestr(name, content, zipfile.ZIP_STORED)  # compressed already
    return True


def _page_name(page: PageHeld) -> str:
    title = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in page.title)
    return f"{page.document_id} {title}, page {page.page}"


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


def _readme(dossier: Dossier, lost: Sequence[PageHeld]) -> str:
    tables = words()["tables"]
    found = "".join(f"- {tables[each.table]}.csv : {len(each.rows)}\r\n" for each in dossier.sections)
    missing = ", ".join(tables[name] for name in dossier.left_out)
    left_out = (
        f"\r\nNe sont pas ici, faute du droit de les lire : {missing}. Demandez un export complet à un "
        "administrateur fonctionnel.\r\n"
        if missing
        else ""
    )
    scans = f"- {SCANS} : {len(dossier.pages) - len(lost)}\r\n" if dossier.pages else ""
    if lost:
        named = "".join(f"- {_page_name(page)}\r\n" for page in lost)
        left_out += f"\r\nCes papiers ne se trouvent plus sur le serveur :\r\n{named}"
    return (
        f"Tout ce qui est conservé sur le dossier « {dossier.name} », le {long_date(dossier.made_on)}.\r\n\r\n"
        "Chaque fichier .csv s'ouvre dans un tableur (séparateur : point-virgule). Le fichier dossier.json dit "
        "la même chose, pour un autre logiciel. Les montants sont en centimes d'euro.\r\n\r\n"
        f"Fichiers, et nombre de lignes ou de pages :\r\n{found}{scans}{left_out}\r\n"
        "Pour le service, avant de remettre ces fichiers : un dossier peut parler de plusieurs personnes. Retirez "
        "ce qui ne concerne pas la personne qui demande, par exemple l'adresse d'un autre parent.\r\n"
    )
