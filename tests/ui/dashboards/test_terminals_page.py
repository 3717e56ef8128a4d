"""« Terminaux »: what needs somebody first, each terminal, how a person settles what it holds; who sees none."""

import base64

import pytest
from streamlit.testing.v1 import AppTest

from domain.french import NBSP
from domain.wire.v1 import ReportV1, Room, SetAsideCause, SetAsideV1
from records.actors import SETUP
from records.operations import accounts
from records.operations.devices import authenticate_device, enrol_device
from records.operations.fleet import fleet
from records.operations.holes import open_holes, settled_holes
from records.operations.quarantine import RefusedBytes, keep_bytes
from records.operations.quarantine_desk import quarantined_things, settle_things
from records.operations.tap_rows import TapBatch
from records.operations.taps import TapStore
from records.operations.terminal_reports import keep_report
from tests.factories.wire import batch_body, make_tap, read_batch
from tests.ui.dashboards import test_staff_pages as staff_pages
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import metrics
from tests.ui.town import CHEAP, PASSWORD, START, Town

PAGE = "terminaux"


@pytest.fixture
def people(staff_town: Town) -> None:
    """An administrator of everything, and the director of one place."""
    grants = {"administration": ("super_admin", None), "direction-bourg": ("leisure_director", "bourg")}
    new = [
        accounts.NewAccount(login, login.title(), PASSWORD, (accounts.NewGrant(role, START, structure_ref=place),))
        for login, (role, place) in grants.items()
    ]
    accounts.create_accounts(staff_town.records, SETUP, new, CHEAP)


def reports(town: Town, terminal: str, *set_aside: bytes, **changes: object) -> None:
    """Let a terminal report now."""
    device = authenticate_device(town.records, town.terminals[terminal].token)
    assert device is not None
    aside = [
        SetAsideV1(
            tap_id=f"{number:032x}",
            cause=SetAsideCause.PARKED,
            reason="Ce lot est illisible.",
            set_aside_at=1,
            content=base64.b64encode(content).decode(),
        )
        for number, content in enumerate(set_aside)
    ]
    fields: dict[str, object] = {"software_version": "0.3.1", "boot_id": "a", "pending": 2, "room": Room.FREE}
    fields |= {"wall": town.clock.now - 600_000_000, "oldest_pending_at": town.clock.now - 7_200_000_000}
    fields |= {"parked": len(aside), "set_aside": aside}
    keep_report(town.records, device, ReportV1(**{**fields, **changes}), town.clock.now)  # type: ignore[arg-type]


def contradicts(town: Town, terminal: str) -> None:
    """Send one tap, then another under the same identity, as a copied terminal does."""
    device = town.terminals[terminal]
    tap = make_tap(occurred_at=town.clock.now)
    for each in (tap, tap.model_copy(update={"badge_uid": "04FFFFFF"})):
        batch = TapBatch(device.device_id, device.token_hash, read_batch(batch_body([each])), town.clock.now)
        TapStore(town.records).keep(batch)


def stranger_sends(town: Town, content: bytes = b"<html>") -> None:
    """Keep bytes that nobody known sent."""
    refused = RefusedBytes(None, content, "unknown_device", "no such token", town.clock.now)
    keep_bytes(town.records, refused)


def words(app: AppTest) -> str:
    """Return everything the page says, without the marks that keep text from being Markdown."""
    return staff_pages.words(app).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of a form or of the page."""
    [button] = [one for one in app.button if one.label == label]
    return button.click().run()


def test_terminal_is_shown_with_what_it_last_said(open_pages: Open, staff_town: Town) -> None:
    reports(staff_town, "tilleuls")
    said = words(open_pages("coordination", PAGE, terminal="borne-tilleuls"))
    assert "Borne tilleuls – École des Tilleuls" in said
    assert "0.3.1" in said
    assert "en retard de 10 min" in said
    assert "2, le plus ancien : 14 h 45" in said
    assert "✓ En service" in said


def test_terminal_that_never_reported_is_unknown_and_not_zero(open_pages: Open) -> None:
    app = open_pages("coordination", PAGE)
    assert metrics(app)["Passages à envoyer"][0] == "inconnu"


def test_parked_tap_is_settled_by_a_person_with_a_reason(open_pages: Open, staff_town: Town) -> None:
    reports(staff_town, "tilleuls", b"\xffabc")
    app = open_pages("coordination", PAGE)
    assert "passage mis de côté par le terminal" in words(app)
    assert "1 envoi à examiner" in words(app)
    app = press(app, "Régler cet envoi")
    assert "Indiquez la raison" in app.error[0].value
    assert len(quarantined_things(staff_town.records, SETUP)) == 1
    app.text_input[-1].input("Présence saisie d'après la liste papier")
    app = press(app, "Régler cet envoi")
    assert f"1{NBSP}envoi réglé" in app.success[0].value
    assert "Historique : 1 envoi réglé" in words(app)
    assert "Amina Benali" in words(app)
    assert quarantined_things(staff_town.records, SETUP) == []


def test_things_of_one_reason_are_settled_together(open_pages: Open, staff_town: Town) -> None:
    for content in (b"1", b"2", b"3"):
        stranger_sends(staff_town, content)
    app = open_pages("coordination", PAGE, terminal="inconnus")
    assert "3 fois : envoi d'un terminal inconnu" in words(app)
    app.checkbox[0].check()
    app.text_input[-1].input("Essai du prestataire")
    app = press(app, "Régler cet envoi")
    assert f"3{NBSP}envois réglés" in app.success[0].value
    assert quarantined_things(staff_town.records, SETUP) == []


def test_what_arrives_after_the_page_was_read_is_not_settled_with_the_rest(
    open_pages: Open, staff_town: Town
) -> None:
    for content in (b"1", b"2"):
        stranger_sends(staff_town, content)
    app = open_pages("coordination", PAGE, terminal="inconnus")
    app.checkbox[0].check()
    app.text_input[-1].input("Essai du prestataire")
    stranger_sends(staff_town, b"unseen")
    app = press(app, "Régler cet envoi")
    assert f"2{NBSP}envois réglés" in app.success[0].value
    assert [thing.extract for thing in quarantined_things(staff_town.records, SETUP)] == ["unseen"]


def test_thing_chosen_is_settled_though_another_arrived_above_it(open_pages: Open, staff_town: Town) -> None:
    stranger_sends(staff_town, b"chosen")
    app = open_pages("coordination", PAGE, terminal="inconnus")
    app.text_input[-1].input("Essai du prestataire")
    stranger_sends(staff_town, b"unseen")
    app = press(app, "Régler cet envoi")
    assert "1" in app.success[0].value
    assert [thing.extract for thing in quarantined_things(staff_town.records, SETUP)] == ["unseen"]


def test_form_whose_thing_was_settled_meanwhile_settles_nothing_else(open_pages: Open, staff_town: Town) -> None:
    for content in (b"other", b"shown"):
        stranger_sends(staff_town, content)
    app = open_pages("coordination", PAGE, terminal="inconnus")
    app.text_input[-1].input("Essai du prestataire")
    [shown, _] = quarantined_things(staff_town.records, SETUP)
    settle_things(staff_town.records, SETUP, [shown.thing_id], "no_effect", "Par quelqu'un d'autre")
    app = press(app, "Régler cet envoi")
    assert not app.success
    assert [thing.extract for thing in quarantined_things(staff_town.records, SETUP)] == ["other"]


def holed(town: Town, *seqs: int) -> None:
    """Keep these taps of one epoch of the school's terminal: those between are missing."""
    device = town.terminals["tilleuls"]
    taps = [make_tap(seq, "e" * 32, occurred_at=town.clock.now - 60_000_000) for seq in seqs]
    batch = TapBatch(device.device_id, device.token_hash, read_batch(batch_body(taps)), town.clock.now)
    TapStore(town.records).keep(batch)


def choose_hole(app: AppTest, start: str) -> None:
    """Choose the hole whose words begin so."""
    holes = app.selectbox(key="trou")
    holes.select_index(next(at for at, words in enumerate(holes.options) if words.startswith(start))).run()


def test_form_whose_hole_was_filled_meanwhile_settles_no_other(open_pages: Open, staff_town: Town) -> None:
    holed(staff_town, 1, 30)
    app = open_pages("coordination", PAGE, terminal="borne-tilleuls")
    choose_hole(app, f"28{NBSP}passages")
    app.text_input[0].input("Liste papier saisie ce soir")
    holed(staff_town, *range(2, 30))
    before = open_holes(staff_town.records, SETUP, staff_town.clock.now)
    app = press(app, "Régler ce trou")
    assert not app.success
    assert before
    assert open_holes(staff_town.records, SETUP, staff_town.clock.now) == before
    assert settled_holes(staff_town.records, SETUP) == []


def test_hole_is_settled_on_the_page(open_pages: Open, staff_town: Town) -> None:
    holed(staff_town, 1, 4)
    app = open_pages("coordination", PAGE, terminal="borne-tilleuls")
    before = int(metrics(app)["Passages manquants"][0])
    choose_hole(app, f"2{NBSP}passages")
    app.text_input[0].input("Liste papier saisie ce soir")
    app = press(app, "Régler ce trou")
    assert "Trou réglé" in app.success[0].value
    assert int(metrics(app)["Passages manquants"][0]) == before - 2
    said = words(app)
    assert "Historique : 1 trou réglé" in said
    assert "Liste papier saisie ce soir" in said


def test_copied_identity_and_contradiction_are_alarms(open_pages: Open, staff_town: Town) -> None:
    for boot in ("a", "b", "a"):
        reports(staff_town, "tilleuls", boot_id=boot)
    contradicts(staff_town, "tilleuls")
    said = words(open_pages("coordination", PAGE))
    assert "▲ Identité copiée" in said
    assert "deux machines parlent sous ce nom" in said
    assert "▲ Contradiction" in said
    assert "1 terminal en alerte" in said


def test_director_sees_neither_other_places_nor_strangers(open_pages: Open, staff_town: Town, people: None) -> None:
    stranger_sends(staff_town)
    reports(staff_town, "tilleuls", b"\xff")
    said = words(open_pages("direction-bourg", PAGE))
    assert "Borne bourg" in said
    assert "illeuls" not in said
    assert "inconnus" not in said
    assert "Réenrôler" not in said


@pytest.mark.parametrize("login", ["animation", "cuisine", "finances"])
def test_page_is_not_open_to_others(open_pages: Open, staff_town: Town, login: str) -> None:
    app = open_pages(login, PAGE)
    assert [one.value for one in app.title] == ["Cette page ne vous est pas ouverte"]
    assert "Borne" not in words(app)


def test_administrator_revokes_a_terminal_and_gives_it_a_new_code(
    open_pages: Open, staff_town: Town, people: None
) -> None:
    app = open_pages("administration", PAGE, terminal="borne-bourg")
    app.checkbox(key="revoquer-sur").check().run()
    app = press(app, "Révoquer")
    assert "⊘ Révoqué" in words(app)
    app = press(app, "Donner un nouveau code")
    code = next(one.value for one in app.success if "Code" in one.value).split("**")[1]
    assert enrol_device(staff_town.records, code).device_ref == "borne-bourg"
    assert "⊘ Révoqué" not in words(open_pages("administration", PAGE))


def test_revocation_is_offered_only_where_the_reader_manages_terminals(open_pages: Open, staff_town: Town) -> None:
    grants = (
        accounts.NewGrant("admin_school", START, structure_ref="bourg"),
        accounts.NewGrant("leisure_director", START, structure_ref="tilleuls"),
    )
    both = accounts.NewAccount("deux-lieux", "Deux Lieux", PASSWORD, grants)
    accounts.create_accounts(staff_town.records, SETUP, [both], CHEAP)
    offered = {
        terminal: "Révoquer" in [one.label for one in open_pages("deux-lieux", PAGE, terminal=terminal).button]
        for terminal in ("borne-bourg", "borne-tilleuls")
    }
    assert offered == {"borne-bourg": True, "borne-tilleuls": False}


def test_coordinator_is_offered_no_revocation(open_pages: Open, staff_town: Town) -> None:
    found = fleet(staff_town.records, SETUP, staff_town.clock.now)
    assert len(found.devices) == 2
    assert not [one for one in open_pages("coordination", PAGE).button if "évoquer" in one.label]


def test_hostile_bytes_are_shown_as_text(open_pages: Open, staff_town: Town) -> None:
    stranger_sends(staff_town, b"<script>alert(1)</script> **gras** :red[x]")
    app = open_pages("coordination", PAGE, terminal="inconnus")
    assert not app.exception
    assert app.code[0].value.startswith("<script>")
