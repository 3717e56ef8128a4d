"""The roll call of a class: one touch a child, each a durable tap at once, pre-ticked ones on validation."""

from __future__ import annotations

from dataclasses import replace

from domain.french import clock, plural
from domain.presence import Presence
from domain.taps import Direction, TapKind
from domain.wire.v1 import ChildV1, ServiceV1, TapV1
from terminal.flows.day_book import instant_of
from terminal.flows.events import Keep, Purpose, Sound
from terminal.flows.staff import statement
from terminal.flows.state import HOME_SECONDS, SAVED_SECONDS, Step, TerminalState, agent_name
from terminal.flows.views import Button, MenuView, ResultView, RollCallView, RollRow, RowState, Tone
from terminal.outbox.drafts import Moment, TapDraft
from terminal.roster.book import RosterBook, in_list_order, list_name

ROWS = 7
QUICK_UNDO_MS = 5_000
IDLE_SECONDS = 15 * 60  # a roll call is long; nobody comes back to an unlocked tablet after that


def roll_call(state: TerminalState, moment: Moment, message: str = "") -> TerminalState:
    """Show the list of the chosen class at the service of the moment."""
    place, service = state.roster, state.service_now(moment)
    if place is None or service is None:
        return state.show(_no_service(), moment, HOME_SECONDS)
    rows = all_rows(state, place, service, moment)
    first = min(state.errand.first_row, max(0, len(rows) - 1) // ROWS * ROWS)
    state = replace(state, errand=replace(state.errand, first_row=first))
    to_call = [row for row in rows if row.state in (RowState.TO_CALL, RowState.PROPOSED)]
    proposed = [row for row in rows if row.state is RowState.PROPOSED]
    here = [row for row in rows if row.state in (RowState.PRESENT, RowState.UNEXPECTED)]
    label = (
        f"Valider l’appel ({plural(len(proposed), 'proposé')})"
        if proposed
        else f"Terminer ({len(to_call)} à pointer)"
    )
    view = RollCallView(
        f"{plural(len(rows), 'enfant')}    ● {len(here)} sur place    ○ {len(to_call)}",
        _class_label(place, state.errand.class_ref),
        tuple(rows[first : first + ROWS]),
        Button("validate", label, main=True),
        message or _paging(first, len(rows)),
    )
    return state.show(view, moment, IDLE_SECONDS)


def all_rows(state: TerminalState, place: RosterBook, service: ServiceV1, moment: Moment) -> list[RollRow]:
    """Return the class's expected children by name, then those present without being expected."""
    expected = {one.child_ref for one in place.expected(service.service_ref, place.day(moment.now))}
    class_ref = state.errand.class_ref
    rows: list[RollRow] = []
    extras: list[RollRow] = []
    for child in in_list_order(place.roster.children):
        if class_ref and child.class_ref != class_ref:
            continue
        presence = state.book.presence(child, service)
        if child.child_ref in expected:
            rows.append(_row(state, place, child, presence))
        elif presence.stays:
            extras.append(_row(state, place, child, presence, unexpected=True))
    typed = [_typed_row(place, tap) for tap in state.book.typed_names(service) if _in_class(tap, class_ref)]
    return rows + extras + typed


def _in_class(tap: TapV1, class_ref: str) -> bool:
    return not class_ref or tap.class_ref in (None, class_ref)


def _row(
    state: TerminalState, place: RosterBook, child: ChildV1, presence: Presence, unexpected: bool = False
) -> RollRow:
    where, status, detail = RowState.TO_CALL, "○  À pointer", "touchez : sur place"
    if presence.is_inside and (arrival := presence.stays[-1].arrival) is not None:
        where, status = RowState.PRESENT, "●  Sur place"
        detail = f"à {clock(place.minute(arrival.occurred_at))}"
        if unexpected:
            where, status, detail = RowState.UNEXPECTED, "●  Non prévu", "présence gardée"
    elif presence.stays and (departure := presence.stays[-1].departure) is not None:
        where, status, detail = RowState.LEFT, "←  Départ", f"à {clock(place.minute(departure.occurred_at))}"
    elif state.settings.pre_tick and child.child_ref not in state.errand.unticked:
        where, status, detail = RowState.PROPOSED, "◌  Proposé", "touchez : absent"
    elif state.settings.pre_tick:
        detail = "touchez : proposer"
    return RollRow(
        child.child_ref, where, status, detail, list_name(child), child.class_label or "", "  ".join(child.notes)
    )


def _typed_row(place: RosterBook, tap: TapV1) -> RollRow:
    return RollRow(
        "",
        RowState.UNEXPECTED,
        "●  Non prévu",
        f"à {clock(place.minute(instant_of(tap)))}, gardé",
        f"Sans dossier : « {tap.typed_name} »",
        "",
        "à compléter",
    )


def row_touched(state: TerminalState, child_ref: str, moment: Moment) -> Step:
    """Here, at once and durably; again within five seconds takes it back; a proposed child is only unticked."""
    place, service, child = state.roster, state.service_now(moment), state.child(child_ref)
    if place is None or service is None or child is None:
        return state, ()
    presence = state.book.presence(child, service)
    if presence.is_inside:
        return _touched_again(state, child, presence, moment)
    if state.settings.pre_tick and not presence.stays:
        flipped = state.errand.unticked ^ {child_ref}
        return roll_call(replace(state, errand=replace(state.errand, unticked=flipped)), moment), ()
    draft = statement(state, child_ref, Direction.ARRIVAL, moment)
    return replace(state, last_kept=(child_ref, moment.mono_ms)), (Keep((draft,), Purpose.ROLL),)


def _touched_again(state: TerminalState, child: ChildV1, presence: Presence, moment: Moment) -> Step:
    arrival = presence.stays[-1].arrival
    ref, at = state.last_kept
    if ref == child.child_ref and moment.mono_ms - at <= QUICK_UNDO_MS and arrival is not None:
        undo = TapDraft(TapKind.UNDO, moment, undoes=arrival.tap_id, agent_ref=state.agent_ref)
        return replace(state, last_kept=("", 0)), (Keep((undo,), Purpose.ROLL),)
    return roll_call(state, moment, f"{child.first_name} est déjà sur place. « Autre ▸ » pour corriger."), ()


def other_asked(state: TerminalState, child_ref: str, moment: Moment) -> Step:
    """Offer what else can be noted of a child."""
    place, service, child = state.roster, state.service_now(moment), state.child(child_ref)
    if place is None or service is None or child is None:
        return state, ()
    presence = state.book.presence(child, service)
    buttons: list[Button] = []
    if presence.is_inside and service.needs_departure:
        buttons.append(Button("roll_leave", "Noter le départ", "maintenant", child_ref))
    if not presence.is_inside:
        buttons.append(Button("roll_here", "Noter l’arrivée", "maintenant", child_ref))
    if presence.stays:
        last = presence.stays[-1].departure or presence.stays[-1].arrival
        if last is not None:
            what = "ce départ" if presence.stays[-1].departure else "cette arrivée"
            ids = ",".join([last.tap_id, *presence.repeats])
            buttons.append(Button("roll_undo", f"Annuler {what}", "noté par erreur", ids))
    buttons.append(Button("roll_call", "Retour à l’appel", "sans rien changer"))
    view = MenuView(list_name(child), child.class_label or "", tuple(buttons))
    return state.show(view, moment, IDLE_SECONDS), ()


def stated(state: TerminalState, child_ref: str, direction: Direction, moment: Moment) -> Step:
    """Ask for one statement of the roll call to be kept."""
    return state, (Keep((statement(state, child_ref, direction, moment),), Purpose.ROLL),)


def taken_back(state: TerminalState, tap_ids: str, moment: Moment) -> Step:
    """Ask for gestures of the roll call to be taken back."""
    drafts = tuple(
        TapDraft(TapKind.UNDO, moment, undoes=tap_id, agent_ref=state.agent_ref) for tap_id in tap_ids.split(",")
    )
    return state, (Keep(drafts, Purpose.ROLL),)


def validated(state: TerminalState, moment: Moment) -> Step:
    """Turn the proposed children into taps, all together; with none left, close the roll call."""
    place, service = state.roster, state.service_now(moment)
    if place is None or service is None:
        return state, ()
    rows = all_rows(state, place, service, moment)
    proposed = [row.child_ref for row in rows if row.state is RowState.PROPOSED]
    if proposed:
        drafts = tuple(statement(state, ref, Direction.ARRIVAL, moment) for ref in proposed)
        return state, (Keep(drafts, Purpose.ROLL),)
    return state.show(_summary(state, service, rows), moment, SAVED_SECONDS), (Sound(saved=True),)


def _summary(state: TerminalState, service: ServiceV1, rows: list[RollRow]) -> ResultView:
    here = sum(row.state in (RowState.PRESENT, RowState.UNEXPECTED) for row in rows)
    missing = [row.name for row in rows if row.state is RowState.TO_CALL]
    facts = [("Ce qui est enregistré", f"{plural(here, 'présence')}, {service.label.lower()}.")]
    if missing:
        shown = ", ".join(missing[:6]) + (f" et {len(missing) - 6} autres" if len(missing) > 6 else "")
        facts.append(("Pas pointés", shown))
        facts.append(("Que faire", "Rien n’est décidé pour eux : la coordination tranche, absence par absence."))
    return ResultView(
        Tone.SAVED,
        "✓  APPEL TERMINÉ",
        f"Par {agent_name(state)}",
        facts=tuple(facts),
        buttons=(Button("roll_call", "Revenir à l’appel"), Button("home", "Quitter")),
    )


def roll_kept(state: TerminalState, taps: tuple[TapV1, ...], moment: Moment) -> Step:
    """Show the list again with what was just kept."""
    message = f"✓ {plural(len(taps), 'présence gardée', 'présences gardées')}" if len(taps) > 1 else ""
    return roll_call(state, moment, message), (Sound(saved=True),)


def next_class(state: TerminalState, moment: Moment) -> Step:
    """Move to the next class, all of them after the last."""
    classes = ["", *(one.class_ref for one in state.roster.roster.classes)] if state.roster else [""]
    at = classes.index(state.errand.class_ref) if state.errand.class_ref in classes else 0
    errand = replace(state.errand, class_ref=classes[(at + 1) % len(classes)], first_row=0)
    return roll_call(replace(state, errand=errand), moment), ()


def next_page(state: TerminalState, step: int, moment: Moment) -> Step:
    """Show the children above or below."""
    errand = replace(state.errand, first_row=max(0, state.errand.first_row + step * ROWS))
    return roll_call(replace(state, errand=errand), moment), ()


def _class_label(place: RosterBook, class_ref: str) -> str:
    return next((one.label for one in place.roster.classes if one.class_ref == class_ref), "Toutes")


def _paging(first: int, total: int) -> str:
    below = total - first - ROWS
    if below > 0:
        return f"▼ {plural(below, 'autre enfant', 'autres enfants')}"
    return "▲ début de la liste plus haut" if first else ""


def _no_service() -> ResultView:
    return ResultView(
        Tone.WARNING,
        "▲  AUCUN SERVICE OUVERT",
        "Il n’y a pas d’appel à faire ici maintenant.",
        facts=(("Que faire", "Revenez à l’heure du service, ou notez un enfant depuis l’espace agents."),),
        buttons=(Button("menu", "Espace agents"), Button("home", "Retour à l’accueil")),
    )
