"""Finding by stable names: in parts small enough for one statement, and refused by name."""

import pytest

from domain.errors import InvalidData, NotFound
from records.actors import SETUP
from records.database import Records
from records.models import Enrolment, Structure
from records.operations import lookup
from records.operations.collectivity import NewStructure, add_structures
from tests.factories.town import ZONE

REFS = [f"ecole-{number}" for number in range(7)]


@pytest.fixture
def many(town: Records, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Seven schools, and statements that take two values at most."""
    monkeypatch.setattr(lookup, "_CHUNK", 2)
    add_structures(town, SETUP, [NewStructure(ref, ref, "school", ZONE, "Ville") for ref in REFS])
    return town


def test_parts_hold_everything_once() -> None:
    parts = list(lookup.chunks(list(range(12_001))))
    assert [len(part) for part in parts] == [5_000, 5_000, 2_001]
    assert [item for part in parts for item in part] == list(range(12_001))
    assert list(lookup.chunks([])) == []


def test_ids_are_found_across_parts(many: Records) -> None:
    with many.read() as session:
        assert lookup.ids_by_ref(session, Structure, [*REFS, REFS[0]]).keys() == set(REFS)


def test_unknown_names_are_said_and_counted(many: Records) -> None:
    with many.read() as session, pytest.raises(NotFound) as refusal:
        lookup.ids_by_ref(session, Structure, [*REFS, "a", "b", "c", "d", "e"])
    assert refusal.value.message.replace("\u00a0", " ") == (
        "Référence de structure inconnue : « a », « b », « c » et 2 de plus. Rien n'a été enregistré."
    )
    assert refusal.value.fields["refs"] == ["a", "b", "c", "d", "e"]
    with many.read() as session, pytest.raises(NotFound, match="Référence d'inscription inconnue"):
        lookup.ids_by_ref(session, Enrolment, ["a"])


def test_taken_names_are_seen_in_any_part(many: Records) -> None:
    with many.read() as session, pytest.raises(InvalidData, match="ecole-6"):
        lookup.refuse_known(session, Structure, ["x", "y", "ecole-6", "z"])
