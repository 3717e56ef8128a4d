"""The terminal's state: what it knows, which screen it shows, and when that screen closes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from domain.french import NBSP, clock, medium_date, plural
from domain.time import local_minute
from domain.wire.v1 import ChildV1, ServiceV1
from terminal.flows.day_book import DayBook
from terminal.flows.events import Effect
from terminal.flows.views import Button, Frame, IdleView, View
from terminal.outbox.drafts import Counts, Moment
from terminal.outbox.sync_state import SyncState
from terminal.roster.book import RosterBook

HOME_SECONDS = 30  # a menu nobody touches goes back to the families' screen
SAVED_SECONDS, UNKNOWN_SECONDS = 6, 30
_NOWHERE = "Borne à relier"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this terminal is used; fixed for the life of the process."""

    roll_call: bool = False
    service_ref: str | None = None
    pre_tick: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """What an agent is in the middle of: where to go once a code is checked, a name typed, a child picked."""

    after_code: str = "menu"
    class_ref: str = ""
    first_row: int = 0
    unticked: frozenset[str] = frozenset()
    typed: str = ""


@dataclass(frozen=True, slots=True)
class TerminalState:
    """Everything the flows know. `closes_at_ms` is monotonic; None means the screen stays."""

    settings: Settings
    roster: RosterBook | None = None
    book: DayBook = field(default_factory=DayBook)
    sync: SyncState = field(default_factory=SyncState)
    counts: Counts = field(default_factory=Counts)
    room: str = "free"
    recovery: tuple[str, ...] = ()
    reader_ready: bool = True
    reader_detail: str = ""
    reader_simulated: bool = False
    enrolment_error: str = ""
    view: View = field(default_factory=lambda: IdleView("BONJOUR !", (), "", ()))
    closes_at_ms: int | None = None
    agent_ref: str | None = None
    errand: Errand = field(default_factory=Errand)
    broken: str = ""
    last_kept: tuple[str, int] = ("", 0)  # child_ref and monotonic ms of the last touch, for a quick undo

    def service_now(self, moment: Moment) -> ServiceV1 | None:
        """Return the service that a gesture made now belongs to."""
        if self.roster is None:
            return None
        fixed = self.settings.service_ref
        return self.roster.service(fixed) if fixed else self.roster.service_at(moment.now)

    def child(self, ref: str) -> ChildV1 | None:
        """Return a child of the roster."""
        return None if self.roster is None else self.roster.child(ref)

    def show(self, view: View, moment: Moment, closes_after_seconds: int | None) -> TerminalState:
        """Return the state with another screen, which closes by itself after so many seconds."""
        closes = None if closes_after_seconds is None else moment.mono_ms + closes_after_seconds * 1000
        return replace(self, view=view, closes_at_ms=closes)


Step = tuple[TerminalState, tuple[Effect, ...]]


def frame(state: TerminalState, moment: Moment) -> Frame:
    """Return rows 1, 2, 3 and 30 for the present moment."""
    book = state.roster
    way_out = Button("staff", "Espace agents ▸")
    agent = agent_name(state)
    if agent:
        way_out = Button("home", f"{agent} – Quitter ▸")
    if book is None:
        return Frame(_NOWHERE, "", *network(state, "UTC"), way_out)
    roster, service = book.roster, state.service_now(moment)
    where = f"{roster.structure_label}, {service.label.lower()}" if service else roster.structure_label
    now = f"{medium_date(book.day(moment.now))}{NBSP}{NBSP}{clock(book.minute(moment.now))}"
    training = "BASE D’ENTRAÎNEMENT – rien n’est réel" if roster.is_training else ""
    return Frame(where, now, *network(state, roster.timezone), way_out, training)


def network(state: TerminalState, zone: str) -> tuple[str, bool]:
    """Return the text of row 30 and whether all is well: offline is invisible to parents, plain to staff."""
    if state.broken:
        return "■ Cette borne n’enregistre plus", False
    if state.sync.revoked:
        return "⇄ Borne retirée du service : les passages restent gardés", False
    if state.sync.needs_enrolment or not state.sync.enrolled:
        waiting = state.counts.pending
        kept = f" : {plural(waiting, 'passage gardé', 'passages gardés')}" if waiting else ""
        return f"⇄ Borne à relier{kept}", False
    if state.sync.reachable:
        if state.counts.pending == 0:
            return "✓ En ligne, tout est envoyé", True
        return f"✓ En ligne, envoi de {plural(state.counts.pending, 'passage')}", True
    last = state.sync.last_success_at
    tail = "" if last is None else f", dernier envoi {clock(local_minute(last, zone))}"
    return f"⇄ Hors ligne : {state.counts.pending} en attente{tail}", False


def agent_name(state: TerminalState) -> str:
    """Return the agent who holds the terminal, or nothing."""
    if state.roster is None or state.agent_ref is None:
        return ""
    agent = state.roster.agent(state.agent_ref)
    return agent.display_name if agent else ""


def go_home(state: TerminalState, moment: Moment) -> TerminalState:
    """Return to the waiting screen; the agent is logged out and nothing half-typed is kept."""
    fresh = replace(state, agent_ref=None, errand=Errand())
    return fresh.show(idle_view(fresh, moment), moment, None)


def idle_view(state: TerminalState, moment: Moment) -> IdleView:
    """Return the waiting screen as things stand."""
    warning = _idle_warning(state)
    if state.roster is None:
        told = ("Cette borne n’est pas encore reliée au service.", "Un agent saisit le code d’installation.")
        return IdleView("BONJOUR !", told, warning, (Button("enrol", "Relier cette borne", "code d’installation"),))
    if state.settings.roll_call:
        service = state.service_now(moment)
        what = f"{service.label}, saisie par un agent" if service else "Aucun service ouvert maintenant"
        call = Button("roll_call", "Faire l’appel", "code agent demandé", main=True)
        return IdleView("BONJOUR !", ("Touchez « Faire l’appel ».", what), warning, (call,))
    lines: tuple[str, ...] = (
        "Présentez votre badge devant le lecteur.",
        "Un badge suffit pour tous vos enfants.",
        "Attendez le son et l’écran vert.",
    )
    buttons: tuple[Button, ...] = (
        Button("no_badge", "Sans badge", "Chercher mon enfant avec un agent"),
        Button("call_agent", "Appeler un agent", "Une personne vient vous aider"),
    )
    if state.reader_simulated:
        buttons = (*buttons, Button("simulate", "Simuler un badge", "Essai : aucun lecteur branché"))
    return IdleView("BONJOUR !", lines, warning, buttons)


def _idle_warning(state: TerminalState) -> str:
    if state.room == "full":
        return "La mémoire de la borne est pleine. Appelez un agent : les passages vont sur la liste papier."
    if not state.settings.roll_call and not state.reader_ready:
        return state.reader_detail
    return ""
