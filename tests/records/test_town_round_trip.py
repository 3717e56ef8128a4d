"""What is exported comes back byte for byte, whatever people typed."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from records.actors import SETUP, Right, program
from records.database import Records
from records.models import AuditEntry, HealthAccess, HealthNote
from records.operations.town_export import export_collectivity
from records.operations.town_import import import_collectivity
from tests.factories.databases import sqlite_copy
from tests.factories.town import HandClock
from tests.factories.town_folder import FOLDER, write_folder

TYPED = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map(str.strip).filter(bool)
MAYBE = st.one_of(st.just(""), TYPED, st.sampled_from(["=1+1", "'=1", "+33 6", "-", "@x", "a;b", 'a"b', "a\nb"]))
DAYS = st.dates(date(2026, 9, 1), date(2027, 7, 1))


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_rows(name: str, rows: list[list[str]]) -> str:
    """Return a file of the folder with some more rows."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
    return FOLDER[name] + text.getvalue()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.tuples(TYPED, TYPED, st.sampled_from(["", "2019-02-03"])), max_size=4),
    letters=st.lists(MAYBE, max_size=3),
    quotients=st.lists(st.tuples(DAYS, st.integers(0, 3_000_00)), max_size=4),
)
def test_any_town_that_was_imported_comes_out_the_same_each_time(
    empty_file: Path,
    people: list[tuple[str, str, str]],
    letters: list[str],
    quotients: list[tuple[date, int]],
) -> None:
    persons = [[f"X{n}", first, last, born, ""] for n, (first, last, born) in enumerate(people)]
    qfs = [["F1", "", f"{day:%d/%m/%Y}", f"{value // 100}.{value % 100:02}", "caf"] for day, value in quotients]
    families = "reference;nom;formule_courrier\nF1;Fournier;\n"
    lines = io.StringIO()
    csv.writer(lines, delimiter=";", lineterminator="\n").writerows(
        [f"G{n}", "Petit", letter] for n, letter in enumerate(letters)
    )
    payers = FOLDER["payeurs"] + "".join(f"G{n}-1;G{n};P1;aucun\n" for n in range(len(letters)))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folder = write_folder(
            root / "in",
            personnes=with_rows("personnes", persons),
            qf=with_rows("qf", qfs),
            familles=families + lines.getvalue(),
            payeurs=payers,
        )
        for step in ("one", "two"):
            (root / step).mkdir()
            records = sqlite_copy(empty_file, root / step, HandClock())
            report = import_collectivity(records, SETUP, folder)
            assert report.faults == ()
            folder = root / f"out-{step}"
            export_collectivity(records, SETUP, folder)
            records.close()
        assert files(root / "out-one") == files(root / "out-two")


def test_each_engine_writes_the_files_that_it_read(records: Records, tmp_path: Path) -> None:
    sante = "personne;type;libelle;detail;debut\nP3;allergie;Arachide;Trousse rouge;2026-09-01\n"
    import_collectivity(records, SETUP, write_folder(tmp_path / "in", sante=sante))
    report = export_collectivity(records, SETUP, tmp_path / "out")
    assert report.left_out == ()
    with records.read() as session:
        assert session.scalars(select(HealthNote.detail)).one() == "Trousse rouge"
    assert "Trousse rouge" in (tmp_path / "out" / "sante.csv").read_text(encoding="utf-8-sig")
    assert not (tmp_path / "out").stat().st_mode & 0o077


def test_health_leaves_only_with_its_right_and_each_reading_is_noted(records: Records, tmp_path: Path) -> None:
    sante = "personne;type;libelle;debut\nP3;pai;Asthme;2026-09-01\n"
    import_collectivity(records, SETUP, write_folder(tmp_path / "in", sante=sante))
    chief = program("administration", Right.EXPORT_DATA)
    report = export_collectivity(records, chief, tmp_path / "without")
    assert report.left_out == ("sante.csv", "comptes.csv", "roles.csv", "dossiers_a_jour.csv", "enseignants.csv")
    assert not (tmp_path / "without" / "sante.csv").exists()
    assert readings(records) == 0
    export_collectivity(records, SETUP, tmp_path / "with")
    assert readings(records) == 1


def test_an_export_never_writes_over_a_folder_and_is_audited(records: Records, tmp_path: Path) -> None:
    import_collectivity(records, SETUP, write_folder(tmp_path / "in"))
    export_collectivity(records, SETUP, tmp_path / "out")
    with records.read() as session:
        told = session.scalars(select(AuditEntry.entity_id).order_by(AuditEntry.seq)).all()
    assert told == ["import", "export"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def readings(records: Records) -> int:
    """Return how many readings of health are noted."""
    with records.read() as session:
        return session.scalar(select(func.count()).select_from(HealthAccess)) or 0
