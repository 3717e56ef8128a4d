"""The staff area: the code, the menu, a child from the list, a name without a file, the terminal's own state."""

from __future__ import annotations

from dataclasses import replace

from domain.french import NBSP, clock, plural
from domain.taps import Direction, TapKind
from domain.time import local, local_minute
from domain.wire.v1 import ChildV1, TapV1
from terminal.flows.day_book import instant_of
from terminal.flows.events import AskEnrolment, CheckCode, Keep, Purpose, Sound
from terminal.flows.state import HOME_SECONDS, SAVED_SECONDS, Errand, Step, TerminalState, agent_name, go_home
from terminal.flows.views import Button, ChildBlock, KeypadView, MenuView, PickRow, PickView, ResultView, Tone
from terminal.outbox.drafts import Moment, TapDraft
from terminal.roster.book import list_name

DIGITS = (*"123456789", "effacer", "0", "valider")
# No look-alikes: the alphabet of installation codes.
CODE_KEYS = (*"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", "effacer", "valider")
LETTERS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "-", "espace", "effacer")
PICK_ROWS = 5
CODE_LENGTH_MAX, NAME_LENGTH_MAX = 12, 40


def ask_code(state: TerminalState, after: str, moment: Moment, error: str = "") -> TerminalState:
    """Show the keypad; `after` says where the right code leads."""
    view = KeypadView("Espace agents", "Saisissez votre code personnel.", DIGITS, error=error)
    return replace(state, errand=replace(state.errand, after_code=after)).show(view, moment, HOME_SECONDS)


def ask_enrolment(state: TerminalState, moment: Moment, error: str = "") -> TerminalState:
    """Show the keypad of the one-time installation code."""
    view = KeypadView(
        "Relier cette borne", "Saisissez le code d’installation donné par le service.", CODE_KEYS, "", False, error
    )
    return replace(state, errand=Errand(after_code="enrol")).show(view, moment, None)


def key_pressed(state: TerminalState, key: str, moment: Moment) -> Step:
    """Type one key of a code, or hand the code over."""
    view = state.view
    if not isinstance(view, KeypadView):
        return state, ()
    if key == "effacer":
        return _retype(state, view, view.typed[:-1], moment), ()
    if key != "valider":
        return _retype(state, view, (view.typed + key)[:CODE_LENGTH_MAX], moment), ()
    if not view.typed:
        return state, ()
    if state.errand.after_code == "enrol":
        waiting = replace(view, error="Vérification du code…")
        return state.show(waiting, moment, None), (AskEnrolment(view.typed),)
    return state, (CheckCode(view.typed),)


def _retype(state: TerminalState, view: KeypadView, typed: str, moment: Moment) -> TerminalState:
    seconds = None if state.errand.after_code == "enrol" else HOME_SECONDS
    return state.show(replace(view, typed=typed, error=""), moment, seconds)


def menu(state: TerminalState, moment: Moment) -> TerminalState:
    """Show what an agent may do here now."""
    service = state.service_now(moment)
    roster = state.roster
    expected = len(roster.expected(service.service_ref, roster.day(moment.now))) if roster and service else 0
    call = f"{service.label.lower()}, {plural(expected, 'attendu')}" if service else "aucun service ouvert"
    buttons = (
        Button("roll_call", "Faire l’appel", call),
        Button("find_child", "Noter un enfant sans badge", "arrivée ou départ, depuis la liste"),
        Button("type_name", "Ajouter un enfant non prévu", "même sans dossier"),
        Button("terminal_state", "État de la borne", "lecteur, envois, horloge"),
        Button("home", "Retour à l’accueil", "pour les familles"),
    )
    view = MenuView("Que voulez-vous faire ?", f"Espace agents – {agent_name(state)}", buttons)
    return state.show(view, moment, HOME_SECONDS)


def pick_child(state: TerminalState, moment: Moment, typed: str = "") -> TerminalState:
    """Show the children whose name begins with what was typed."""
    found = state.roster.search(typed) if state.roster else []
    rows = tuple(_pick_row(state, child, moment) for child in found[:PICK_ROWS])
    view = PickView(
        "Chercher un enfant",
        "Tapez les premières lettres du nom ou du prénom, puis touchez l’enfant.",
        typed,
        rows,
        max(0, len(found) - PICK_ROWS),
        Button("type_name", "Sans dossier", "saisir son nom"),
    )
    return replace(state, errand=replace(state.errand, typed=typed)).show(view, moment, HOME_SECONDS)


def type_name(state: TerminalState, moment: Moment, typed: str = "") -> TerminalState:
    """Show the letters to type the name of a child who has no file."""
    view = PickView(
        "Enfant sans dossier",
        "Tapez le prénom et le nom. La présence est gardée, le service complète le dossier.",
        typed,
        (),
        0,
        Button("keep_name", "Noter la présence", typed.title(), main=True) if typed.strip() else None,
    )
    return replace(state, errand=replace(state.errand, typed=typed)).show(view, moment, HOME_SECONDS)


def letter_pressed(state: TerminalState, key: str, moment: Moment) -> Step:
    """Type one letter of a name."""
    typed = state.errand.typed
    if key == "effacer":
        typed = typed[:-1]
    else:
        typed = (typed + {"espace": " "}.get(key, key))[:NAME_LENGTH_MAX]
    view = state.view
    if isinstance(view, PickView) and view.title == "Enfant sans dossier":
        return type_name(state, moment, typed), ()
    return pick_child(state, moment, typed), ()


def name_given(state: TerminalState, moment: Moment) -> Step:
    """Ask for the presence of a typed name to be kept."""
    name = " ".join(state.errand.typed.title().split())
    if not name:
        return state, ()
    service = state.service_now(moment)
    draft = TapDraft(
        TapKind.ROLL_CALL,
        moment,
        typed_name=name,
        service_ref=service.service_ref if service else None,
        class_ref=state.errand.class_ref or None,
        direction=Direction.ARRIVAL,
        agent_ref=state.agent_ref,
    )
    return state, (Keep((draft,), Purpose.NAME),)


def child_chosen(state: TerminalState, child_ref: str, moment: Moment) -> Step:
    """Ask for an agent's statement to be kept: here if not inside, gone if inside."""
    child, service = state.child(child_ref), state.service_now(moment)
    if child is None:
        return state, ()
    inside = state.book.presence(child, service).is_inside
    leaves = inside and service is not None and service.needs_departure
    draft = statement(state, child_ref, Direction.DEPARTURE if leaves else Direction.ARRIVAL, moment)
    return state, (Keep((draft,), Purpose.CHILD),)


def statement(state: TerminalState, child_ref: str, direction: Direction, moment: Moment) -> TapDraft:
    """Return what an agent states of a child, now."""
    service = state.service_now(moment)
    return TapDraft(
        TapKind.ROLL_CALL,
        moment,
        child_ref=child_ref,
        service_ref=service.service_ref if service else None,
        direction=direction,
        agent_ref=state.agent_ref,
    )


def statement_kept(state: TerminalState, tap: TapV1, moment: Moment) -> Step:
    """Show what an agent's statement recorded."""
    place = state.roster
    assert place is not None, "a statement is only asked with a roster"
    at = clock(place.minute(instant_of(tap)))
    left = tap.direction is Direction.DEPARTURE
    child = place.child(tap.child_ref or "")
    name = place.public_name(child) if child else (tap.typed_name or "")
    status = "Non prévu : le service complète le dossier" if child is None else child.class_label or ""
    view = ResultView(
        Tone.LEFT if left else Tone.SAVED,
        f"←  DÉPART ENREGISTRÉ À {at}" if left else f"✓  ARRIVÉE ENREGISTRÉE À {at}",
        f"Noté par {agent_name(state)}." if state.agent_ref else "",
        children=(ChildBlock(name, f"{'← Départ' if left else '● Sur place'} – {status}"),),
        buttons=(
            Button("undo", f"Annuler pour {name}", "noté par erreur", tap.tap_id),
            Button("menu", "Espace agents", "continuer"),
        ),
        footer=f"Cet écran se ferme dans {{seconds}}{NBSP}s.",
        closes_after_seconds=SAVED_SECONDS,
    )
    return state.show(view, moment, SAVED_SECONDS), (Sound(saved=True),)


def terminal_state(state: TerminalState, moment: Moment) -> TerminalState:
    """Show how this terminal is: reader, sending, clock, memory."""
    zone = state.roster.roster.timezone if state.roster else "UTC"
    counts = state.counts
    last = state.sync.last_success_at
    sent = "jamais" if last is None else f"{local(last, zone):%d/%m/%Y}, {clock(local_minute(last, zone))}"
    offset = moment.offset_ms
    drift = "inconnu" if offset is None else f"{abs(offset) // 1000}{NBSP}s"
    facts = [
        ("Lecteur", state.reader_detail or "Prêt."),
        ("En attente d’envoi", f"{plural(counts.pending, 'passage')}, dernier envoi : {sent}"),
        ("Gardés et envoyés", plural(counts.acked, "passage")),
        ("Horloge", f"écart avec le serveur : {drift}"),
        ("Mémoire", " ".join(state.recovery) or "La mémoire de la borne est en bon état."),
    ]
    if counts.parked:
        facts.append(
            ("Mis de côté", f"{plural(counts.parked, 'passage')} : le serveur ne les lit pas. Prévenez le service.")
        )
    if state.sync.message:
        facts.append(("Serveur", state.sync.message))
    buttons = [Button("enrol", "Relier à nouveau", "code d’installation"), Button("menu", "Espace agents")]
    if counts.parked:
        buttons.insert(0, Button("offer_parked", "Proposer à nouveau", "les passages mis de côté"))
    view = ResultView(
        Tone.INFO,
        "État de la borne",
        state.sync.device_label,
        facts=tuple(facts),
        buttons=tuple(buttons),
    )
    return state.show(view, moment, HOME_SECONDS * 4)


def code_checked(state: TerminalState, agent_ref: str | None, moment: Moment) -> TerminalState | None:
    """Log the agent in and return None when the errand may go on, else the keypad with what is wrong."""
    if agent_ref is None:
        return ask_code(state, state.errand.after_code, moment, "Code inconnu ici. Vérifiez, puis recommencez.")
    return None


def leave(state: TerminalState, moment: Moment) -> Step:
    """Log out and return to the families' screen."""
    return go_home(state, moment), ()


def _pick_row(state: TerminalState, child: ChildV1, moment: Moment) -> PickRow:
    inside = state.book.presence(child, state.service_now(moment)).is_inside
    status = "● Sur place" if inside else "○ À pointer"
    return PickRow(child.child_ref, list_name(child), child.class_label or "", status)
