"""What a person sees once a badge has been read and kept, or could not be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.french import NBSP, clock, plural
from domain.presence import Presence, PresenceTap
from domain.taps import Direction, TapKind
from domain.wire.v1 import ChildV1, ServiceV1, TapV1
from terminal.flows.day_book import instant_of
from terminal.flows.events import Keep, NotKept, Purpose, Sound
from terminal.flows.state import SAVED_SECONDS, UNKNOWN_SECONDS, Step, TerminalState
from terminal.flows.views import Button, ChildBlock, ResultView, Tone
from terminal.outbox.drafts import Moment, TapDraft
from terminal.roster.book import RosterBook

_CANTEEN = "canteen"


def badge_seen(state: TerminalState, uid: str, moment: Moment) -> Step:
    """Ask for the tap to be kept, whoever's badge it is: the fact comes first (P3)."""
    service = state.service_now(moment)
    draft = TapDraft(
        TapKind.BADGE,
        moment,
        badge_uid=uid,
        service_ref=service.service_ref if service else None,
        direction=_shown_direction(state, uid, service),
    )
    return state, (Keep((draft,), Purpose.BADGE),)


def _shown_direction(state: TerminalState, uid: str, service: ServiceV1 | None) -> Direction | None:
    """Return what the screen is about to say: a hint that travels; order decides (docs/adr/0004)."""
    children = state.roster.children_of_badge(uid) if state.roster else ()
    if service is None or not children:
        return None
    inside = state.book.presence(children[0], service).is_inside
    return Direction.DEPARTURE if inside and service.needs_departure else Direction.ARRIVAL


def badge_kept(state: TerminalState, tap: TapV1, moment: Moment) -> Step:
    """Show the green screen of a badge that is durable; an unknown badge says what is and is not recorded."""
    place = state.roster
    children = place.children_of_badge(tap.badge_uid or "") if place else ()
    if place is None or not children:
        return state.show(_unknown(state, tap, place), moment, UNKNOWN_SECONDS), (Sound(saved=False),)
    return state.show(result_for(state, place, tap, children, moment), moment, SAVED_SECONDS), (Sound(saved=True),)


def result_for(
    state: TerminalState, place: RosterBook, tap: TapV1, children: Sequence[ChildV1], moment: Moment
) -> ResultView:
    """Return the screen of a kept tap: arrival, departure, or « déjà noté »."""
    service = place.service(tap.service_ref) if tap.service_ref else None
    presences = [state.book.presence(child, service) for child in children]
    if not moment.plausible:
        return _wrong_clock(place, children)
    if service is None:
        return _no_service(place, tap, children)
    if all(tap.tap_id in presence.repeats for presence in presences):
        return _already(place, children, presences, service)
    gone = [_is_departure(presence, tap) for presence in presences]
    left = all(gone)
    at = clock(place.minute(instant_of(tap)))
    title = f"←  DÉPART ENREGISTRÉ À {at}" if left else f"✓  ARRIVÉE ENREGISTRÉE À {at}"
    if any(gone) and not left:
        title = f"✓  PASSAGE ENREGISTRÉ À {at}"
    blocks = tuple(
        ChildBlock(
            place.public_name(child),
            _status(child, service, has_left),
            _lunch(state, place, child, service, moment),
        )
        for child, has_left in zip(children, gone, strict=True)
    )
    what = "départ noté" if left else "arrivée notée"
    names = " et ".join(place.public_name(child) for child in children)
    buttons = (
        Button("undo", f"Annuler pour {names}", f"{what} par erreur", _undo_value([tap.tap_id])),
        Button("home", "C’est bon", "badge suivant"),
    )
    goodbye = "Bonne soirée !" if left else "Bonne journée !"
    return ResultView(
        Tone.LEFT if left else Tone.SAVED,
        title,
        children=blocks,
        buttons=buttons,
        footer=f"{goodbye} Cet écran se ferme dans {{seconds}}{NBSP}s.",
        closes_after_seconds=SAVED_SECONDS,
    )


def _is_departure(presence: Presence, tap: TapV1) -> bool:
    return any(stay.departure is not None and stay.departure.tap_id == tap.tap_id for stay in presence.stays)


def _status(child: ChildV1, service: ServiceV1, left: bool) -> str:
    group = child.class_label or "sans classe"
    return f"← Départ – {group}" if left else f"● Sur place – {group}, {service.label.lower()}"


def _lunch(
    state: TerminalState, place: RosterBook, child: ChildV1, service: ServiceV1, moment: Moment
) -> tuple[str, ...]:
    """Tell, before lunch, whether a meal is planned: the moment when a family can still say so."""
    canteen = next((one for one in place.roster.services if one.kind == _CANTEEN), None)
    today = place.day(moment.now)
    if canteen is None or canteen.service_ref == service.service_ref:
        return ()
    slots = [slot for slot in canteen.slots if slot.weekday == today.weekday()]
    if not slots or canteen not in place.services_of_day(today) or not place.knows_expected(today):
        return ()
    if place.minute(moment.now) >= slots[0].start_minute:
        return ()
    name = place.public_name(child)
    if place.is_expected(child.child_ref, canteen.service_ref, today):
        return ("Cantine : réservée",)
    return ("Cantine : pas réservée aujourd’hui", f"Dites à un agent si {name} déjeune.")


def _already(
    place: RosterBook, children: Sequence[ChildV1], presences: Sequence[Presence], service: ServiceV1
) -> ResultView:
    last = _last_change(presences[0])
    names = " et ".join(place.public_name(child) for child in children)
    left = last is not None and presences[0].stays[-1].departure == last
    what = "départ" if left else "arrivée"
    at = "" if last is None else f" à {clock(place.minute(last.occurred_at))}"
    # The repeats go with it: otherwise the first of them would become the arrival.
    taken_back = [*([] if last is None else [last.tap_id]), *presences[0].repeats]
    buttons = (
        Button("home", "C’est bon", "rien à faire", main=True),
        Button(
            "undo",
            f"Annuler {'ce départ' if left else 'cette arrivée'}",
            "noté par erreur",
            _undo_value(taken_back),
        ),
    )
    blocks = tuple(ChildBlock(place.public_name(child), _status(child, service, left)) for child in children)
    return ResultView(
        Tone.INFO,
        f"Déjà noté : {what} de {names}{at}",
        "Le passage est gardé, il ne change rien.",
        children=blocks,
        buttons=buttons,
        footer=f"Cet écran se ferme dans {{seconds}}{NBSP}s.",
        closes_after_seconds=SAVED_SECONDS,
    )


def _last_change(presence: Presence) -> PresenceTap | None:
    stay = presence.stays[-1] if presence.stays else None
    return None if stay is None else stay.departure or stay.arrival


def _undo_value(tap_ids: list[str]) -> str:
    return ",".join(tap_ids)


def _no_service(place: RosterBook, tap: TapV1, children: Sequence[ChildV1]) -> ResultView:
    names = " et ".join(place.public_name(child) for child in children)
    at = clock(place.minute(instant_of(tap)))
    return ResultView(
        Tone.WARNING,
        "▲  AUCUN SERVICE À CETTE HEURE",
        f"Le passage de {names} est gardé.",
        facts=(
            ("Ce qui est enregistré", f"Le badge de {names}, à {at}."),
            ("Ce qui ne l’est pas", "Une arrivée ou un départ : aucun service n’est ouvert ici."),
            ("Que faire", "Si votre enfant vient maintenant, dites-le à un agent."),
        ),
        buttons=(Button("home", "C’est bon"), Button("call_agent", "Appeler un agent")),
        footer=f"Cet écran se ferme dans {{seconds}}{NBSP}s.",
        closes_after_seconds=SAVED_SECONDS,
    )


def _wrong_clock(place: RosterBook, children: Sequence[ChildV1]) -> ResultView:
    names = " et ".join(place.public_name(child) for child in children)
    return ResultView(
        Tone.WARNING,
        "▲  PASSAGE GARDÉ, HEURE À VÉRIFIER",
        "L’heure de cette borne est fausse.",
        facts=(
            ("Ce qui est enregistré", f"Le passage de {names}."),
            ("Ce qui ne l’est pas", "Son heure exacte."),
            ("Que faire", "Dites l’heure à un agent, il la note. Rien d’autre à faire pour vous."),
        ),
        buttons=(Button("home", "C’est bon"), Button("call_agent", "Appeler un agent")),
        footer=f"Cet écran se ferme dans {{seconds}}{NBSP}s.",
        closes_after_seconds=SAVED_SECONDS,
    )


def _unknown(state: TerminalState, tap: TapV1, place: RosterBook | None) -> ResultView:
    """Return the unknown badge's screen: a named way out each time (look notes, screen 5)."""
    uid = tap.badge_uid or ""
    at = f" à {clock(place.minute(instant_of(tap)))}" if place else ""
    return ResultView(
        Tone.WARNING,
        "▲  BADGE INCONNU",
        "Ce badge n’est relié à aucun enfant.",
        facts=(
            ("Ce qui est enregistré", f"Un passage{at}, sans nom. Il ne sera pas perdu."),
            ("Ce qui ne l’est pas", "L’arrivée de votre enfant, tant que son nom n’est pas ajouté."),
            ("Que faire", "Dites le nom de l’enfant à un agent, il l’ajoute maintenant."),
            ("", f"Badge …{uid[-4:-2]} {uid[-2:]} (à communiquer au service)"),
        ),
        buttons=(
            Button("home", "Réessayer", "avec un autre badge"),
            Button("find_child", "Chercher l’enfant", "agent : code demandé"),
            Button("type_name", "Enfant sans dossier", "agent : saisir son nom"),
        ),
        footer=f"Retour à l’accueil dans {{seconds}}{NBSP}s si personne ne touche l’écran.",
        closes_after_seconds=UNKNOWN_SECONDS,
    )


def undo_asked(state: TerminalState, tap_ids: str, moment: Moment) -> Step:
    """Ask to take gestures back: each undo is a tap of its own, both stay."""
    drafts = tuple(
        TapDraft(TapKind.UNDO, moment, undoes=tap_id, agent_ref=state.agent_ref)
        for tap_id in tap_ids.split(",")
        if tap_id
    )
    return state, ((Keep(drafts, Purpose.UNDO),) if drafts else ())


def undo_kept(state: TerminalState, moment: Moment) -> Step:
    """Say that the gesture is taken back."""
    view = ResultView(
        Tone.INFO,
        "✓  ANNULÉ",
        "Ce passage ne compte plus. Il reste visible des agents.",
        buttons=(Button("home", "C’est bon", "badge suivant"),),
        footer=f"Cet écran se ferme dans {{seconds}}{NBSP}s.",
        closes_after_seconds=SAVED_SECONDS,
    )
    return state.show(view, moment, SAVED_SECONDS), (Sound(saved=True),)


def not_kept(state: TerminalState, event: NotKept, moment: Moment) -> Step:
    """Show red: nothing of this gesture is recorded, and the screen never closes alone (P1)."""
    names = _names_of(state, event)
    place = state.roster
    before = f"d’avant {clock(place.minute(moment.now))}" if place else "d’avant"
    held = plural(state.counts.held, "passage")
    view = ResultView(
        Tone.REFUSED,
        "✗  RIEN N’A ÉTÉ ENREGISTRÉ",
        f"Le passage de {names} n’est pas noté." if names else "Ce passage n’est pas noté.",
        facts=(
            ("Ce qui s’est passé", f"{event.message.rstrip('.')} (code {event.support_code})."),
            ("Ce qui est enregistré", f"Les {held} {before}. Celui-ci : non."),
            (
                "Que faire",
                f"Donnez le nom de {names or 'l’enfant'} à un agent : il note le passage sur la tablette "
                "ou sur la liste papier. Inutile de badger à nouveau ici.",
            ),
        ),
        buttons=(
            Button("call_agent", "Appeler un agent"),
            Button("home", "Réessayer", "si la borne le permet à nouveau"),
        ),
    )
    return replace(state, broken=event.support_code).show(view, moment, None), (Sound(saved=False),)


def _names_of(state: TerminalState, event: NotKept) -> str:
    place = state.roster
    if place is None:
        return ""
    refs = [draft.child_ref for draft in event.drafts if draft.child_ref]
    children = [child for ref in refs if (child := place.child(ref)) is not None]
    for draft in event.drafts:
        children += place.children_of_badge(draft.badge_uid or "")
    return " et ".join(place.public_name(child) for child in children[:3])


def agent_called(state: TerminalState, moment: Moment) -> Step:
    """Ask the person to wait; the sound calls the staff nearby."""
    view = ResultView(
        Tone.INFO,
        "UN AGENT ARRIVE",
        "Merci de patienter près de l’accueil.",
        buttons=(Button("home", "Revenir à l’accueil"),),
    )
    return state.show(view, moment, UNKNOWN_SECONDS), (Sound(saved=False),)
