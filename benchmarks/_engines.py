"""Migrated, empty records on both engines, for the benchmarks of what is read from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from records import migrations
from records.database import Records, open_records, records_url
from tests.harness import postgres


@contextmanager
def on_each_engine() -> Iterator[dict[str, Records]]:
    """Yield empty records by name of engine; both are thrown away at the end."""
    folder = postgres.claim_folder()
    try:
        urls = {
            "sqlite": records_url(folder / "home"),
            "postgresql": records_url(folder, postgres.shared_cluster().url()),
        }
        for url in urls.values():
            migrations.upgrade(url)
        opened = {engine: open_records(url) for engine, url in urls.items()}
        yield opened
        for records in opened.values():
            records.close()
    finally:
        postgres.release_folder(folder)


def settle(records: Records) -> None:
    """Let the engine look at what was loaded, as it does by itself within a minute."""
    with records.engine.connect() as connection:
        connection.execute(text("analyze"))
        connection.commit()
