"""Health data and bank details at rest: only the program reads them, under keys outside the database."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from records.database import Records, open_records
from records.encryption import KEYS_FILE, KEYS_VARIABLE, Keyring, KeyUnavailable, keyring_of, new_key
from records.models import AuditEntry, HealthNote, Mandate
from tests.factories.people import a_family
from tests.factories.rows import IBAN, a_row
from tests.factories.town import HandClock

PURPOSE = "mandate.iban"


@pytest.fixture
def keyless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key in the environment: the file of the folder counts."""
    monkeypatch.delenv(KEYS_VARIABLE, raising=False)


Keys = Callable[[Records], Path]


@pytest.fixture
def keys_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Return where the file of keys of a database is: beside SQLite's, in MARELLE_HOME for PostgreSQL."""
    monkeypatch.setenv("MARELLE_HOME", str(tmp_path))

    def file(records: Records) -> Path:
        beside = records.engine.url.database
        folder = tmp_path if records.is_postgresql or beside is None else Path(beside).parent
        keyring_of(records.engine.dialect).file = folder / KEYS_FILE
        return folder / KEYS_FILE

    return file


def url_of(records: Records) -> str:
    """Return the address of open records, password included."""
    return records.engine.url.render_as_string(hide_password=False)


def test_database_holds_no_readable_iban_or_allergy(town: Records) -> None:
    a_family(town)
    a_row(town, Mandate)
    a_row(town, HealthNote, label="Arachide")
    with town.engine.connect() as connection:
        stored = connection.execute(text("select iban, holder_name from mandate")).one()
        label = str(connection.execute(text("select label from health_note")).scalar_one())
    assert all(IBAN not in each and "Fournier" not in each for each in stored)
    assert "Arachide" not in label


def test_program_reads_back_what_was_written(town: Records) -> None:
    a_family(town)
    a_row(town, Mandate)
    with town.read() as session:
        assert session.query(Mandate).one().iban == IBAN


def test_audit_of_an_encrypted_column_is_encrypted_too(town: Records) -> None:
    a_family(town)
    a_row(town, Mandate)
    with town.read() as session:
        told = [entry.new for entry in session.query(AuditEntry).filter_by(entity="mandate")]
    assert len(told) == 1
    assert IBAN not in str(told[0])
    assert IBAN[-4:] in str(told[0])


@pytest.mark.usefixtures("keyless")
def test_key_is_made_at_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    assert not (tmp_path / KEYS_FILE).exists()
    keyring.encrypt(IBAN, PURPOSE)
    assert stat.S_IMODE((tmp_path / KEYS_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEYS_FILE]


@pytest.mark.usefixtures("keyless")
def test_two_programs_that_begin_together_keep_one_key(tmp_path: Path) -> None:
    one, other = Keyring(tmp_path), Keyring(tmp_path)
    sealed = one.encrypt(IBAN, PURPOSE)
    assert other.decrypt(sealed, PURPOSE) == IBAN
    assert one.decrypt(other.encrypt(IBAN, PURPOSE), PURPOSE) == IBAN


def test_same_text_is_never_stored_the_same_way(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    assert keyring.encrypt(IBAN, PURPOSE) != keyring.encrypt(IBAN, PURPOSE)


@pytest.mark.usefixtures("keyless")
def test_lost_key_is_named_and_none_is_made_in_its_place(tmp_path: Path) -> None:
    sealed = Keyring(tmp_path).encrypt(IBAN, PURPOSE)
    (tmp_path / KEYS_FILE).unlink()
    with pytest.raises(KeyUnavailable, match="Remettez le fichier"):
        Keyring(tmp_path).decrypt(sealed, PURPOSE)
    assert not (tmp_path / KEYS_FILE).exists()


@pytest.mark.usefixtures("keyless")
def test_key_of_another_town_is_refused_by_name(tmp_path: Path) -> None:
    sealed = Keyring(tmp_path / "one").encrypt(IBAN, PURPOSE)
    other = Keyring(tmp_path / "other")
    other.encrypt("x", PURPOSE)
    with pytest.raises(KeyUnavailable, match="manque") as refusal:
        other.decrypt(sealed, PURPOSE)
    assert refusal.value.fields["key_id"] == sealed.split(".")[0]


def test_value_moved_to_another_column_does_not_open(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    with pytest.raises(KeyUnavailable, match="n'ouvre pas"):
        keyring.decrypt(keyring.encrypt(IBAN, PURPOSE), "health_note.label")


@pytest.mark.parametrize("damage", ["", "AAAA", "é"])
def test_damaged_value_is_an_error_with_a_name(tmp_path: Path, damage: str) -> None:
    keyring = Keyring(tmp_path)
    key_id = keyring.encrypt(IBAN, PURPOSE).split(".")[0]
    with pytest.raises(KeyUnavailable):
        keyring.decrypt(f"{key_id}.{damage}", PURPOSE)


@pytest.mark.usefixtures("keyless")
def test_new_key_encrypts_and_older_values_still_open(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    old = keyring.encrypt(IBAN, PURPOSE)
    new_id = keyring.add_key()
    new = keyring.encrypt(IBAN, PURPOSE)
    assert new.split(".")[0] == new_id != old.split(".")[0]
    assert Keyring(tmp_path).decrypt(old, PURPOSE) == Keyring(tmp_path).decrypt(new, PURPOSE) == IBAN
    assert stat.S_IMODE((tmp_path / KEYS_FILE).stat().st_mode) == 0o600


@pytest.mark.usefixtures("keyless")
def test_program_that_runs_finds_a_key_added_by_another(tmp_path: Path) -> None:
    running = Keyring(tmp_path)
    running.encrypt(IBAN, PURPOSE)
    other = Keyring(tmp_path)
    other.add_key()
    assert running.decrypt(other.encrypt(IBAN, PURPOSE), PURPOSE) == IBAN


@pytest.mark.usefixtures("keyless")
def test_lost_key_is_not_replaced_while_something_is_encrypted(town: Records, keys_of: Keys) -> None:
    file = keys_of(town)
    a_family(town)
    a_row(town, HealthNote, label="Arachide")
    lost = file.read_text()
    file.unlink()
    restarted = open_records(url_of(town), town.clock)
    with pytest.raises(KeyUnavailable, match="Remettez le fichier") as refusal:
        a_row(restarted, HealthNote, label="Lait")
    assert "rien n'a été lu ni enregistré" in refusal.value.message
    assert not file.exists()
    file.write_text(lost)
    a_row(restarted, HealthNote, label="Lait")
    with restarted.read() as session:
        assert {row.label for row in session.query(HealthNote)} == {"Arachide", "Lait"}
    restarted.close()


@pytest.mark.usefixtures("keyless")
def test_no_key_is_added_to_a_lost_file(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="Remettez le fichier"):
        Keyring(tmp_path, lambda: True).add_key()
    assert list(tmp_path.iterdir()) == []


def test_key_is_not_added_to_a_file_that_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS_VARIABLE, new_key())
    with pytest.raises(KeyUnavailable, match="la nouvelle clé en premier"):
        Keyring(tmp_path).add_key()
    assert list(tmp_path.iterdir()) == []


def test_variable_counts_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS_VARIABLE, new_key())
    sealed = Keyring(tmp_path).encrypt(IBAN, PURPOSE)
    assert not (tmp_path / KEYS_FILE).exists()
    monkeypatch.setenv(KEYS_VARIABLE, f"{new_key()},{os.environ[KEYS_VARIABLE]}")
    assert Keyring(tmp_path).decrypt(sealed, PURPOSE) == IBAN


@pytest.mark.parametrize("content", ["pas une clé", "", "AAAA"])
@pytest.mark.usefixtures("keyless")
def test_damaged_file_of_keys_is_an_error_with_a_name(tmp_path: Path, content: str) -> None:
    (tmp_path / KEYS_FILE).write_text(content)
    with pytest.raises(KeyUnavailable):
        Keyring(tmp_path).encrypt(IBAN, PURPOSE)


@pytest.mark.usefixtures("keyless")
def test_keys_of_a_sqlite_database_are_beside_it(tmp_path: Path, town_file: Path, clock: HandClock) -> None:
    (tmp_path / "records.db").write_bytes(town_file.read_bytes())
    records = open_records(f"sqlite:///{tmp_path}/records.db", clock)
    a_family(records)
    a_row(records, HealthNote)
    records.close()
    assert (tmp_path / KEYS_FILE).is_file()
