"""Revision 0005 on a populated database: what moves is found again, what was in clear is encrypted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from records import migrations
from records.database import Records, open_engine, open_records, records_url
from records.models import Address, HealthNote, Payer, PayingBody, PersonPhone
from tests.factories.databases import ENGINES
from tests.factories.town import START, HandClock
from tests.harness import postgres

pytestmark = pytest.mark.long

BEFORE = "0004"
OLD_ROWS = (
    "insert into family (id, ref, name, commune, former_commune, row_version) "
    "values (1, 'fournier', 'Fournier', 'Val-d''Essai', 'Le Bourg', 1), (2, 'petit', 'Petit', 'Ville', null, 1)",
    "insert into person (id, ref, first_name, last_name, search_key, phone, row_version) "
    "values (1, 'anne', 'Anne', 'Fournier', 'FOURNIER ANNE', '01 99 00 12 34', 1), "
    "(2, 'lea', 'Léa', 'Fournier', 'FOURNIER LEA', null, 1)",
    "insert into family_member (id, family_id, person_id, role, pickup, valid_from, row_version) "
    "values (1, 1, 1, 'guardian', 'yes', '2026-09-01', 1), (2, 1, 2, 'child', 'yes', '2026-10-01', 1)",
    "insert into payer (id, ref, family_id, person_id, body_name, notice_channel, wants_paper, row_version) "
    "values (1, 'p1', 1, 1, null, 'email', false, 1), (2, 'p2', 1, null, 'Département', 'none', true, 1), "
    "(3, 'p3', 2, null, 'Département', 'none', true, 1)",
    "insert into health_note (id, person_id, kind, label, valid_from, row_version) "
    "values (1, 2, 'allergy', 'Arachide', '2026-09-01', 1)",
    "insert into qf (id, family_id, effective_from, recorded_at, value_e2, source) "
    "values (1, 1, '2026-09-01', 1, 34000, 'caf')",
    "insert into account (id, login, display_name, password_hash, row_version) values (1, 'anne', 'Anne', 'x', 1)",
)


def make_old(url: str) -> None:
    """Make a database as the release before left it, with rows."""
    engine = open_engine(url)
    with engine.connect() as connection:
        migrations._begin_alone(connection)
        command.upgrade(migrations._config(connection, None), BEFORE)
        for statement in OLD_ROWS:
            connection.execute(text(statement))
        connection.commit()
    engine.dispose()


@pytest.fixture(scope="module", params=ENGINES)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """The old database, brought to this release. Do not write to it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('old')}/records.db"
    else:
        cluster = request.getfixturevalue("postgres_cluster")
        url = records_url(Path(), postgres.fresh_database(cluster.url("template1")))
    make_old(url)
    migrations.upgrade(url)
    records = open_records(url, HandClock())
    yield records
    records.close()


def test_each_family_has_its_address_from_its_first_day(upgraded: Records) -> None:
    with upgraded.read() as session:
        rows = session.scalars(select(Address).order_by(Address.family_id)).all()
    assert [(row.commune, row.former_commune) for row in rows] == [("Val-d'Essai", "Le Bourg"), ("Ville", None)]
    assert rows[0].valid_from == START


def test_telephones_are_rows(upgraded: Records) -> None:
    with upgraded.read() as session:
        assert [(row.person_id, row.number) for row in session.scalars(select(PersonPhone))] == [
            (1, "01 99 00 12 34")
        ]


def test_body_named_twice_is_one_paying_body(upgraded: Records) -> None:
    with upgraded.read() as session:
        body = session.scalars(select(PayingBody)).one()
        assert body.name == "Département"
        payers = session.scalars(select(Payer).order_by(Payer.id)).all()
    assert [(payer.person_id, payer.body_id) for payer in payers] == [(1, None), (None, body.id), (None, body.id)]


def test_health_label_is_encrypted_and_still_read(upgraded: Records) -> None:
    with upgraded.read() as session:
        assert session.scalars(select(HealthNote.label)).all() == ["Arachide"]
        assert "Arachide" not in session.execute(text("select label from health_note")).scalar_one()


def test_facts_are_as_they_were(upgraded: Records) -> None:
    with upgraded.read() as session:
        assert session.execute(text("select id, value_e2 from qf")).all() == [(1, 34_000)]
        assert session.execute(text("select id, must_change_password from account")).one()[1] in (False, 0)
