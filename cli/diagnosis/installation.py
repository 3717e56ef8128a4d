"""Is this installation sound: Python, libraries, folder, disk, database, schema, figures, services."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cli.diagnosis.finding import Finding, fault, ok, waiting

PYTHON_MIN = (3, 11)
LIBRARIES = ("sqlalchemy", "duckdb", "dbt-duckdb", "fastapi", "streamlit", "textual", "nfcpy")
FREE_BYTES_MIN, FREE_BYTES_COMFORT = 500_000_000, 2_000_000_000
_MEGABYTE = 1_000_000


def check_installation(home: Path, url: str) -> Iterator[Finding]:
    """Yield what is found about the machine and the software, in the order in which to repair it."""
    yield _python()
    yield _libraries()
    yield _folder(home)
    yield _disk(home)
    yield from _database(url)


def check_running(home: Path) -> Finding:
    """Return whether the scheduler works in this folder."""
    from jobs.scheduler import ALIVE_FILE, SchedulerRunning, only_one

    subject = "Calculs automatiques"
    try:
        with only_one(home):
            pass
    except SchedulerRunning:
        silence = time.time() - (home / ALIVE_FILE).stat().st_mtime if (home / ALIVE_FILE).exists() else None
        if silence is not None and silence < 300:
            return ok(subject, "l'ordonnanceur travaille")
        return fault(subject, "l'ordonnanceur ne donne plus signe de vie", "Arrêtez et relancez « marelle run ».")
    return waiting(
        subject, "l'ordonnanceur ne tourne pas : les chiffres ne suivront pas", "Lancez « marelle run »."
    )


def _python() -> Finding:
    text = f"Python {platform.python_version()}"
    if sys.version_info >= PYTHON_MIN:
        return ok("Python", text)
    return fault("Python", text, f"Installez Python {'.'.join(map(str, PYTHON_MIN))} ou plus récent.")


def _libraries() -> Finding:
    missing = []
    for name in LIBRARIES:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return fault("Bibliothèques", f"il manque {', '.join(missing)}", "Relancez « make run », qui les installe.")
    return ok(
        "Bibliothèques", f"Marelle {version('marelle')}, duckdb {version('duckdb')}, dbt {version('dbt-core')}"
    )


def _folder(home: Path) -> Finding:
    subject = "Dossier des données"
    if not home.is_dir():
        return fault(subject, f"{home} n'existe pas", "Lancez « marelle run », ou corrigez MARELLE_HOME.")
    try:
        with tempfile.NamedTemporaryFile(dir=home, prefix=".doctor-") as probe:
            probe.write(b"marelle")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return fault(
            subject, f"on ne peut pas écrire dans {home} ({error.strerror})", "Rendez le dossier inscriptible."
        )
    return ok(subject, f"{home}, inscriptible")


def _disk(home: Path) -> Finding:
    subject = "Place sur le disque"
    place = home if home.exists() else home.parent
    free = shutil.disk_usage(place if place.exists() else Path("/")).free
    text = f"{free // _MEGABYTE} Mo libres"
    if free < FREE_BYTES_MIN:
        return fault(subject, text, "Libérez de la place avant que l'enregistrement ne s'arrête.")
    if free < FREE_BYTES_COMFORT:
        return waiting(subject, text, "Libérez de la place ces jours-ci.")
    return ok(subject, text)


def _database(url: str) -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from records.database import open_engine
    from records.migrations import current, newest

    subject = "Base de données"
    engine = open_engine(url)
    kind = "PostgreSQL" if engine.dialect.name == "postgresql" else "SQLite"
    database = engine.url.database or ""
    try:
        if kind == "SQLite" and not Path(database).exists():
            yield fault(subject, f"{database} n'existe pas", "Lancez « marelle run » ou « marelle demo ».")
            return
        try:
            revision = current(url)
            damage = _damage(engine) if kind == "SQLite" else ""
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            if kind == "SQLite":
                yield _damaged(reason)
                return
            yield fault(subject, f"{kind} ne répond pas ({reason})", "Vérifiez MARELLE_DATABASE_URL et le serveur.")
            return
    finally:
        engine.dispose()
    if damage:
        yield _damaged(damage)
        return
    yield ok(subject, f"{kind} répond")
    if revision == newest():
        yield ok("Version de la base", f"à jour ({revision})")
    else:
        yield fault(
            "Version de la base", f"{revision} au lieu de {newest()}", "Lancez « marelle run », qui l'adapte."
        )


def _damaged(reason: str) -> Finding:
    action = "Arrêtez tout, gardez une copie du fichier, et restaurez la dernière sauvegarde."
    return fault("Base de données", f"le fichier est abîmé : {reason}", action)


def _damage(engine: object) -> str:
    """Return what SQLite's own check finds, empty when it is sound."""
    from sqlalchemy import Engine, text

    assert isinstance(engine, Engine)
    with engine.connect() as connection:
        found = str(connection.execute(text("pragma integrity_check(1)")).scalar_one())
    return "" if found == "ok" else found
