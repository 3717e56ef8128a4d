"""The fleet as staff read it: alarms first, « inconnu » rather than zero, words for every code."""

from typing import Any

import pytest

from dashboards.viewmodels import terminals as view
from domain.french import NBSP
from domain.wire.batch import MALFORMED_TAP, BatchUnreadable, ProtocolUnsupported
from domain.wire.v1 import RecoveryV1
from records.operations import quarantine_desk, tap_group, taps, terminal_reports
from records.operations.fleet import DeviceState, Fleet, FleetDevice
from records.operations.holes import HOLE_OUTCOMES, Hole
from records.operations.quarantine_desk import ClaimedTap, QuarantinedThing, SettledThing

MINUTE = 60_000_000
NOW = view.Now(1_795_503_600_000_000, "Europe/Paris")  # 8:00 on Tuesday 24 November 2026


def device(**changes: Any) -> FleetDevice:
    facts: dict[str, Any] = {
        "device_ref": "borne-1",
        "label": "Borne du hall",
        "mode": "badge",
        "structure_id": 1,
        "structure_ref": "tilleuls",
        "structure_name": "Les Tilleuls",
        "timezone": "Europe/Paris",
        "state": DeviceState.ENROLLED,
        "enrolled_at": NOW.instant - 9_000 * MINUTE,
        "revoked_at": None,
        "last_seen_at": NOW.instant - MINUTE,
        "software_version": "0.3.1",
        "clock_offset_ms": 120,
        "reported_at": NOW.instant - MINUTE,
        "pending": 0,
        "oldest_pending_at": None,
        "parked": 0,
        "misfits": 0,
        "room": "free",
        "recovery": None,
        "is_cloned": False,
        "is_silent": False,
        "missing": 0,
        "to_settle": 0,
        "conflicts": 0,
        "after_revocation": 0,
    }
    return FleetDevice(**{**facts, **changes})


def silent_device() -> FleetDevice:
    return device(
        state=DeviceState.NEVER,
        last_seen_at=None,
        software_version=None,
        clock_offset_ms=None,
        reported_at=None,
        pending=None,
        parked=None,
        misfits=None,
        room=None,
    )


def thing(**changes: Any) -> QuarantinedThing:
    facts: dict[str, Any] = {
        "thing_id": 1,
        "reason": "malformed_tap",
        "detail": "",
        "received_at": NOW.instant,
        "size_bytes": 12,
        "device_ref": "borne-1",
        "device_label": "Borne du hall",
        "structure_ref": "tilleuls",
        "structure_name": "Les Tilleuls",
        "timezone": "Europe/Paris",
        "taps": (),
        "tap_count": 0,
        "extract": "…",
    }
    return QuarantinedThing(**{**facts, **changes})


def hole(**changes: Any) -> Hole:
    facts: dict[str, Any] = {
        "device_ref": "borne-1",
        "device_label": "Borne du hall",
        "structure_id": 1,
        "structure_ref": "tilleuls",
        "structure_name": "Les Tilleuls",
        "timezone": "Europe/Paris",
        "epoch": "e" * 32,
        "first_missing": 3,
        "last_missing": 5,
        "from_at": NOW.instant - 20 * MINUTE,
        "until_at": NOW.instant - 10 * MINUTE,
    }
    return Hole(**{**facts, **changes})


def fleet(*devices: FleetDevice, holes: tuple[Hole, ...] = (), things: tuple[QuarantinedThing, ...] = ()) -> Fleet:
    return Fleet(devices, holes, things)


def plain(text: object) -> str:
    return str(text).replace(NBSP, " ")


def test_nothing_to_settle_is_said() -> None:
    assert view.headline(fleet(device())) == (False, "Rien à régler : aucun passage connu ne manque.")
    assert view.to_settle(fleet(device()), NOW).rows == ()


def test_headline_counts_what_waits_with_alarms_first() -> None:
    found = fleet(device(is_cloned=True, missing=3), device(is_silent=True), holes=(hole(),), things=(thing(),))
    act, sentence = view.headline(found)
    assert act
    assert plain(sentence) == (
        "**1 terminal en alerte**, 3 passages manquants, 1 terminal sans nouvelles, 1 envoi à examiner."
    )


def test_what_a_terminal_never_said_is_unknown() -> None:
    [row] = view.fleet_table(fleet(silent_device()), NOW).rows
    assert row[:4] == (view.TO_INSTALL, "Borne du hall", "Les Tilleuls", "jamais")
    assert row[4:] == ("inconnu", "inconnu", 0, "inconnu", "inconnu")
    assert ("Passages à envoyer", "inconnu", "dits par 0 terminal") in [
        tuple(plain(part) for part in one) for one in view.metrics(fleet(silent_device()), NOW)
    ]


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, view.WORKING),
        ({"last_seen_at": NOW.instant - 16 * MINUTE}, view.RESTING),
        ({"is_silent": True}, view.SILENT),
        ({"state": DeviceState.REVOKED}, view.REVOKED),
    ],
)
def test_state_is_a_sign_and_a_word(changes: dict[str, Any], sign: str) -> None:
    assert view.state_sign(device(**changes), NOW) == sign


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"is_cloned": True}, view.CLONED),
        ({"conflicts": 2}, view.CONFLICT),
        ({"room": "full"}, view.FULL),
        ({"room": "scarce"}, view.SCARCE),
        ({"state": DeviceState.REVOKED, "after_revocation": 4, "revoked_at": NOW.instant}, view.LATE),
        ({"clock_offset_ms": -400_000}, view.CLOCK),
    ],
)
def test_each_alarm_has_its_line(changes: dict[str, Any], sign: str) -> None:
    [row] = view.to_settle(fleet(device(**changes)), NOW).rows
    assert row[0] == sign


@pytest.mark.parametrize(("missing", "days", "is_told"), [(2, 1, True), (0, 1, False), (2, 8, False)])
def test_repair_that_lost_taps_is_told_for_a_week(missing: int, days: int, is_told: bool) -> None:
    at = NOW.instant - days * 24 * 60 * MINUTE
    found = RecoveryV1(
        recovered_at=at, store_was_damaged=True, journals_damaged=0, taps_found_again=7, taps_missing=missing
    )
    repaired = device(recovery=found)
    assert bool(view.to_settle(fleet(repaired), NOW).rows) is is_told
    [(_, words)] = [row for row in view.device_table(repaired, NOW).rows if row[0] == "Dernière réparation"]
    assert "7 passages retrouvés" in plain(words)


def test_hole_says_how_many_and_between_which_hours() -> None:
    assert plain(view.hole_words(hole(), NOW)) == "3 passages manquants, entre 7 h 40 et 7 h 50"
    silence = hole(epoch=None, first_missing=None, last_missing=None)
    assert plain(view.hole_words(silence, NOW)) == "rien reçu pendant un service, depuis 7 h 40"
    assert view.to_settle(fleet(device(), holes=(silence,)), NOW).rows[0][0] == view.SILENT


def test_things_of_one_terminal_and_reason_are_one_line_since_the_oldest() -> None:
    things = (thing(), thing(thing_id=2, received_at=NOW.instant - 60 * MINUTE), thing(thing_id=3, reason="x"))
    rows = [tuple(plain(cell) for cell in row) for row in view.to_settle(fleet(things=things), NOW).rows]
    assert [row[3:] for row in rows] == [("2 fois : passage mal formé", "7 h"), ("x", "8 h")]


@pytest.mark.parametrize(
    ("offset_ms", "words"),
    [
        (None, "inconnu"),
        (59_000, "à l'heure"),
        (-59_000, "à l'heure"),
        (180_000, "en retard de 3 min"),
        (-7_200_000, "en avance de 2 h"),
        (-4 * 86_400_000, "en avance de 4 jours"),
    ],
)
def test_clock_is_told_in_words(offset_ms: int | None, words: str) -> None:
    assert plain(view.clock_words(offset_ms)) == words


def test_moment_of_another_day_carries_its_date() -> None:
    assert plain(NOW.moment(NOW.instant)) == "8 h"
    assert plain(NOW.moment(NOW.instant - 24 * 60 * MINUTE)) == "23/11/2026, 8 h"


def test_what_can_be_read_of_a_thing_is_shown() -> None:
    claimed = (
        ClaimedTap("badge", NOW.instant, "B2C3", None, None),
        ClaimedTap("roll_call", NOW.instant, None, "FOURNIER Léa", None),
        ClaimedTap("roll_call", None, None, None, "Tom"),
        ClaimedTap("future", None, None, None, None),
    )
    rows = view.thing_table(thing(taps=claimed, tap_count=4), NOW).rows
    assert [tuple(plain(cell) for cell in row) for row in rows] == [
        ("8 h", "badge", "badge …B2C3"),
        ("8 h", "appel", "FOURNIER Léa"),
        ("inconnu", "appel", "« Tom »"),
        ("inconnu", "future", "inconnu"),
    ]


def test_history_says_who_settled_and_why_or_that_the_taps_came() -> None:
    settled = SettledThing("no_effect", "Essai", "Amina", NOW.instant)
    by_itself = SettledThing("received", "", None, None)
    rows = view.history_table([thing(settled=settled), thing(settled=by_itself), thing()], NOW).rows
    assert [tuple(plain(cell) for cell in row[1:]) for row in rows] == [
        ("Sans suite : Essai", "Amina", "8 h"),
        ("Passage reçu autrement", "arrivé de lui-même", "–"),
    ]


def test_terminals_with_something_to_settle_are_offered_first() -> None:
    found = fleet(device(), device(device_ref="borne-2"), holes=(hole(device_ref="borne-2"),))
    assert list(view.choices(found, has_strangers=True)) == ["borne-2", "borne-1", "inconnus"]
    assert list(view.choices(fleet(device()), has_strangers=True)) == ["inconnus", "borne-1"]
    assert list(view.choices(fleet(device()), has_strangers=False)) == ["borne-1"]


def test_fleet_of_one_place_leaves_the_strangers_out() -> None:
    found = fleet(device(), device(structure_ref="x"), things=(thing(device_ref=None, structure_ref=None),))
    kept = view.at_place(found, "tilleuls")
    assert (len(kept.devices), kept.things) == (1, ())
    assert view.at_place(found, None) == found


def test_every_reason_and_outcome_of_the_records_has_its_words() -> None:
    reasons = {
        MALFORMED_TAP,
        BatchUnreadable.code,
        ProtocolUnsupported.code,
        tap_group.CONTENT_CONFLICT,
        taps.STORAGE_REFUSED,
        taps.TokenWithdrawn.code,
        terminal_reports.PARKED_BY_TERMINAL,
        terminal_reports.MISFIT_OF_TERMINAL,
    }
    assert view.REASONS.keys() == reasons
    assert view.OUTCOMES.keys() == set(quarantine_desk.OUTCOMES)
    assert view.HOLE_OUTCOMES.keys() == set(HOLE_OUTCOMES)
    assert all(view.advice(reason).endswith(".") for reason in reasons)
