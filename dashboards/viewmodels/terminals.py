"""The terminals as staff read them: what needs somebody first, the fleet, then one terminal and what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.viewmodels.tables import Cell, Marked, Table
from domain.french import NBSP, clock, duration, number, plural, short_date, typeset
from domain.time import MICROS_PER_MINUTE, local_day, local_minute
from domain.wire.v1 import RecoveryV1
from records.operations.fleet import DeviceState, Fleet, FleetDevice
from records.operations.holes import Hole, Settlement
from records.operations.presence_freshness import HEARD_MINUTES
from records.operations.quarantine_desk import ClaimedTap, QuarantinedThing

UNKNOWN = "inconnu"
STRANGERS = "inconnus"
STRANGERS_LABEL = "Terminaux inconnus"
CLOCK_OFF_SECONDS, CLOCK_DOUBTFUL_SECONDS = 60, 300
RECOVERY_DAYS = 7
# Sign and word in the first column; the colour only repeats them (look notes, « Statuses »).
CLONED = Marked(":red-badge[▲ Identité copiée]")
CONFLICT = Marked(":red-badge[▲ Contradiction]")
FULL = Marked(":red-badge[▲ Mémoire pleine]")
SCARCE = Marked(":orange-badge[▲ Mémoire presque pleine]")
SILENT = Marked(":orange-badge[⇄ Sans nouvelles]")
HOLE = Marked(":orange-badge[□ Passages manquants]")
UNDATED = Marked(":orange-badge[▲ Heure inconnue]")
REPAIRED = Marked(":orange-badge[▲ Mémoire réparée]")
CLOCK = Marked(":orange-badge[▲ Heure fausse]")
APART = Marked(":yellow-badge[… À examiner]")
LATE = Marked(":violet-badge[◆ Après révocation]")
WORKING = Marked(":green-badge[✓ En service]")
RESTING = Marked(":gray-badge[← Au repos]")
TO_INSTALL = Marked("○ À installer")
REVOKED = Marked(":violet-badge[⊘ Révoqué]")

REASONS = {
    "unreadable_batch": "envoi illisible",
    "unsupported_protocol": "version de protocole que ce serveur ne connaît pas",
    "malformed_tap": "passage mal formé",
    "content_conflict": "deux passages différents sous la même identité",
    "storage_refused": "passage refusé par la base de données",
    "unknown_device": "envoi d'un terminal inconnu",
    "parked_by_terminal": "passage mis de côté par le terminal",
    "misfit_of_terminal": "passage sans place après une réparation",
}
ADVICE = {
    "unreadable_batch": "Le terminal garde ses passages et les renvoie un par un. Si cela se répète, "
    "vérifiez le réseau du lieu.",
    "unsupported_protocol": "Mettez le serveur à jour : le terminal renverra ces passages de lui-même.",
    "content_conflict": "Un terminal a peut-être été copié ou restauré. Comparez avec la liste papier, "
    "puis réenrôlez-le.",
    "unknown_device": "Un terminal a perdu son jeton, ou ce n'est pas un des vôtres. Réenrôlez le vôtre : "
    "il renverra tout, et ces envois disparaîtront d'ici.",
    "parked_by_terminal": "Le terminal garde ce passage. Saisissez la présence s'il en manque une, puis réglez.",
}
USUAL_ADVICE = "Lisez ce qui suit. Saisissez la présence s'il en manque une, puis réglez."
OUTCOMES = {"entered": "Présence saisie à la main", "received": "Passage reçu autrement", "no_effect": "Sans suite"}
HOLE_OUTCOMES = {"list_typed_in": "Liste papier saisie", "declared_closed": "Rien à saisir ce jour-là"}
KINDS = {"badge": "badge", "roll_call": "appel", "undo": "annulation"}


@dataclass(frozen=True, slots=True)
class Now:
    """The instant of the page (µs UTC) and the collectivity's zone, for what has no place."""

    instant: int
    timezone: str

    def moment(self, instant: int | None, zone: str | None = None, never: str = UNKNOWN) -> str:
        """Return « 8 h 02 » today, « 23/11/2026, 17 h 42 » on another day."""
        if instant is None:
            return never
        place = zone or self.timezone
        day, minute = local_day(instant, place), clock(local_minute(instant, place))
        return minute if day == local_day(self.instant, place) else f"{short_date(day)}, {minute}"


def at_place(fleet: Fleet, place: str | None) -> Fleet:
    """Return the part of the fleet of one place; what strangers sent has none."""
    if place is None:
        return fleet
    return Fleet(
        tuple(each for each in fleet.devices if each.structure_ref == place),
        tuple(each for each in fleet.holes if each.structure_ref == place),
        tuple(each for each in fleet.things if each.structure_ref == place),
    )


def headline(fleet: Fleet) -> tuple[bool, str]:
    """Return whether somebody must act, and the one sentence that says so."""
    alarms = sum(each.is_cloned or each.conflicts > 0 or each.room == "full" for each in fleet.devices)
    silent = sum(each.is_silent for each in fleet.devices)
    missing = sum(each.missing for each in fleet.devices)
    undated = sum(each.missing or 0 for each in fleet.holes if each.is_undated)
    parts = []
    if alarms:
        parts.append(plural(alarms, "terminal en alerte", "terminaux en alerte"))
    if missing:
        parts.append(plural(missing, "passage manquant", "passages manquants"))
    if undated:
        parts.append(plural(undated, "passage sans heure sûre", "passages sans heure sûre"))
    if silent:
        parts.append(plural(silent, "terminal sans nouvelles", "terminaux sans nouvelles"))
    if fleet.things:
        parts.append(plural(len(fleet.things), "envoi à examiner", "envois à examiner"))
    if not parts:
        return False, "Rien à régler : aucun passage connu ne manque."
    return True, f"**{parts[0]}**" + "".join(f", {part}" for part in parts[1:]) + "."


def metrics(fleet: Fleet, now: Now) -> list[tuple[str, str, str]]:
    """Return the four figures of the page, each with its reference."""
    enrolled = [each for each in fleet.devices if each.state is DeviceState.ENROLLED]
    heard = sum(_is_heard(each, now) for each in enrolled)
    told = [each.pending for each in enrolled if each.pending is not None]
    return [
        ("Entendus", number(heard), f"sur {plural(len(enrolled), 'en service', 'en service')}"),
        ("Passages à envoyer", number(sum(told)) if told else UNKNOWN, f"dits par {_terminals(len(told))}"),
        ("Passages manquants", number(sum(each.missing for each in fleet.devices)), "connus à ce jour"),
        ("À examiner", number(len(fleet.things)), "envois mis de côté"),
    ]


def to_settle(fleet: Fleet, now: Now) -> Table:
    """Return the work list: what, which terminal, where, the detail, since when; alarms first."""
    rows: list[tuple[Cell, ...]] = []
    for each in fleet.devices:
        rows += [(sign, each.label, each.structure_name, *told) for sign, *told in _alarms(each, now)]
    rows += [(_hole_sign(hole), hole.device_label, hole.structure_name, *_hole(hole, now)) for hole in fleet.holes]
    groups: dict[tuple[str | None, str], list[QuarantinedThing]] = {}
    for thing in fleet.things:
        if thing.reason != "content_conflict":  # already an alarm of its terminal
            groups.setdefault((thing.device_ref, thing.reason), []).append(thing)
    for (_, reason), things in groups.items():
        words = reason_words(reason)
        text = words if len(things) == 1 else f"{number(len(things))} fois : {words}"
        oldest = min(thing.received_at for thing in things)
        label, place = things[0].device_label or STRANGERS_LABEL, things[0].structure_name or ""
        rows.append((APART, label, place, typeset(text), now.moment(oldest, things[0].timezone)))
    return Table(("Quoi", "Terminal", "Lieu", "Détail", "Depuis"), tuple(rows))


def fleet_table(fleet: Fleet, now: Now) -> Table:
    """Return every terminal with what it last said; what it never said is « inconnu »."""
    rows: list[tuple[Cell, ...]] = [
        (
            state_sign(each, now),
            each.label,
            each.structure_name,
            now.moment(each.last_seen_at, each.timezone, "jamais"),
            _count(each.pending),
            _count(each.parked if each.parked is None else each.parked + (each.misfits or 0)),
            each.missing,
            clock_words(each.clock_offset_ms),
            each.software_version or UNKNOWN,
        )
        for each in fleet.devices
    ]
    columns = ("État", "Terminal", "Lieu", "Vu", "À envoyer", "De côté", "Manquants", "Horloge", "Version")
    return Table(columns, tuple(rows))


def device_table(device: FleetDevice, now: Now) -> Table:
    """Return what is known of one terminal, a line each."""
    zone = device.timezone
    oldest = now.moment(device.oldest_pending_at, zone) if device.pending else ""
    rooms = {"free": "suffisante", "scarce": "presque pleine", "full": "pleine"}
    rows: list[tuple[Cell, ...]] = [
        ("Enrôlé", now.moment(device.enrolled_at, zone, "pas encore")),
        ("Vu", now.moment(device.last_seen_at, zone, "jamais")),
        ("Dernier compte rendu", now.moment(device.reported_at, zone, "jamais")),
        ("Passages à envoyer", _count(device.pending) + (f", le plus ancien : {oldest}" if oldest else "")),
        ("Passages mis de côté", _count(device.parked)),
        ("Sans place après réparation", _count(device.misfits)),
        ("Mémoire", rooms.get(device.room or "", UNKNOWN)),
        ("Horloge", clock_words(device.clock_offset_ms)),
        ("Version du logiciel", device.software_version or UNKNOWN),
    ]
    if device.recovery is not None:
        rows.append(("Dernière réparation", recovery_words(device.recovery, device, now)))
    if device.revoked_at is not None:
        late = plural(device.after_revocation, "passage reçu depuis", "passages reçus depuis")
        rows.append(("Révoqué", f"{now.moment(device.revoked_at, zone)}, {late}"))
    return Table(("Fait", "Valeur"), tuple((name, typeset(str(value))) for name, value in rows))


def state_sign(device: FleetDevice, now: Now) -> Marked:
    """Return the state of a terminal as a sign and a word."""
    if device.state is DeviceState.REVOKED:
        return REVOKED
    if device.state is DeviceState.NEVER:
        return TO_INSTALL
    if device.is_silent:
        return SILENT
    return WORKING if _is_heard(device, now) else RESTING


def clock_words(offset_ms: int | None) -> str:
    """Return « à l'heure », « en retard de 3 min », « en avance de 2 h » from the server's clock minus its."""
    if offset_ms is None:
        return UNKNOWN
    seconds = abs(offset_ms) // 1_000
    if seconds < CLOCK_OFF_SECONDS:
        return "à l'heure"
    way = "en retard de" if offset_ms > 0 else "en avance de"
    days = seconds // 86_400
    return f"{way} {plural(days, 'jour')}" if days else f"{way} {duration(seconds // 60)}"


def recovery_words(found: RecoveryV1, device: FleetDevice, now: Now) -> str:
    """Return what a repair found, and what to do when something is missing."""
    again = plural(found.taps_found_again, "passage retrouvé", "passages retrouvés")
    text = f"{now.moment(found.recovered_at, device.timezone)} : {again}"
    if not found.taps_missing:
        return f"{text}, aucun passage connu ne manque"
    missing = plural(found.taps_missing, "passage manque", "passages manquent")
    return f"{text}, {missing} : vérifiez la liste papier"


def hole_words(hole: Hole, now: Now) -> str:
    """Return one hole as a choice of the list: « 3 passages manquants, entre 8 h 02 et 8 h 10 »."""
    detail, since = _hole(hole, now)
    return f"{detail}, depuis {since}" if hole.is_silence else detail


def hole_key(hole: Hole) -> str:
    """Return what stays the same of a hole while it is open: its numbers, or the start of a silence."""
    if hole.is_silence:
        return f"{hole.device_ref}-silence-{hole.from_at}"
    kind = "undated" if hole.is_undated else "hole"
    return f"{hole.device_ref}-{kind}-{hole.epoch}-{hole.first_missing}-{hole.last_missing}"


def reason_words(reason: str) -> str:
    """Return why something was kept apart, in French; a code we do not know as it is."""
    return REASONS.get(reason, reason)


def advice(reason: str) -> str:
    """Return what to do about something kept apart."""
    return typeset(ADVICE.get(reason, USUAL_ADVICE))


def thing_words(thing: QuarantinedThing, now: Now) -> str:
    """Return one thing as a choice of the list: when, why, how much of it can be read."""
    if thing.tap_count:
        much = plural(thing.tap_count, "passage lisible", "passages lisibles")
    else:
        much = f"illisible, {plural(thing.size_bytes, 'octet')}"
    words = reason_words(thing.reason).capitalize()
    return f"{now.moment(thing.received_at, thing.timezone)} – {words} ({much})"


def thing_table(thing: QuarantinedThing, now: Now) -> Table:
    """Return the gestures that can be read in a thing, as claimed."""
    rows: list[tuple[Cell, ...]] = [
        (now.moment(tap.occurred_at, thing.timezone), KINDS.get(tap.kind, tap.kind), _subject(tap))
        for tap in thing.taps
    ]
    return Table(("Heure du terminal", "Geste", "Qui"), tuple(rows))


def history_table(things: Iterable[QuarantinedThing], now: Now) -> Table:
    """Return what was settled, by whom and why; latest first."""
    rows: list[tuple[Cell, ...]] = []
    for thing in things:
        settled = thing.settled
        if settled is not None:
            by = settled.by or "arrivé de lui-même"
            why = f"{OUTCOMES[settled.outcome]} : {settled.note}" if settled.note else OUTCOMES[settled.outcome]
            rows.append((thing_words(thing, now), typeset(why), by, now.moment(settled.at, thing.timezone, "–")))
    return Table(("Envoi", "Suite", "Par", "Réglé"), tuple(rows))


def holes_history_table(settlements: Iterable[Settlement], device_ref: str, now: Now) -> Table:
    """Return what people said of one terminal's past holes, by whom and why; latest first."""
    rows: list[tuple[Cell, ...]] = [
        (
            hole_words(each.hole, now),
            typeset(f"{HOLE_OUTCOMES[each.outcome]} : {each.reason}"),
            each.recorded_by,
            now.moment(each.recorded_at, each.hole.timezone, "–"),
        )
        for each in settlements
        if each.hole.device_ref == device_ref
    ]
    return Table(("Trou", "Suite", "Par", "Réglé"), tuple(rows))


def choices(fleet: Fleet, has_strangers: bool) -> dict[str, str]:
    """Return the terminals that can be opened, those with something to settle first."""
    busy = {hole.device_ref for hole in fleet.holes} | {thing.device_ref for thing in fleet.things}
    ordered = sorted(fleet.devices, key=lambda each: each.device_ref not in busy)
    found = {each.device_ref: _where(each) for each in ordered}
    if not has_strangers:
        return found
    strangers = {STRANGERS: STRANGERS_LABEL}
    return {**found, **strangers} if busy - {None} else {**strangers, **found}


def holes_of(fleet: Fleet, device_ref: str) -> Sequence[Hole]:
    """Return the holes of one terminal."""
    return [hole for hole in fleet.holes if hole.device_ref == device_ref]


def things_of(things: Iterable[QuarantinedThing], device_ref: str) -> list[QuarantinedThing]:
    """Return what one terminal sent, or what nobody known sent (STRANGERS)."""
    wanted = None if device_ref == STRANGERS else device_ref
    return [thing for thing in things if thing.device_ref == wanted]


def _alarms(device: FleetDevice, now: Now) -> list[tuple[Marked, str, str]]:
    zone, found = device.timezone, []
    if device.is_cloned:
        text = "deux machines parlent sous ce nom : révoquez, puis réenrôlez la vraie"
        found.append((CLONED, text, now.moment(device.reported_at, zone)))
    if device.conflicts:
        text = f"{plural(device.conflicts, 'envoi contredit', 'envois contredisent')} un passage gardé"
        found.append((CONFLICT, text, now.moment(device.last_seen_at, zone)))
    if device.room in ("full", "scarce"):
        sign = FULL if device.room == "full" else SCARCE
        found.append((sign, "reliez-le au réseau pour qu'il envoie", now.moment(device.reported_at, zone)))
    if device.after_revocation:
        late = plural(device.after_revocation, "passage reçu", "passages reçus")
        found.append((LATE, f"{late} depuis sa révocation", now.moment(device.revoked_at, zone)))
    offset = device.clock_offset_ms
    if (
        device.state is DeviceState.ENROLLED
        and offset is not None
        and abs(offset) >= CLOCK_DOUBTFUL_SECONDS * 1_000
    ):
        found.append((CLOCK, clock_words(offset), now.moment(device.last_seen_at, zone)))
    repaired = device.recovery
    if repaired is not None and repaired.taps_missing and _is_recent(repaired.recovered_at, now):
        missing = plural(repaired.taps_missing, "passage manque", "passages manquent")
        found.append((REPAIRED, f"{missing} : vérifiez la liste papier", now.moment(repaired.recovered_at, zone)))
    return [(sign, typeset(text), since) for sign, text, since in found]


def _hole_sign(hole: Hole) -> Marked:
    if hole.is_silence:
        return SILENT
    return UNDATED if hole.is_undated else HOLE


def _hole(hole: Hole, now: Now) -> tuple[str, str]:
    """Return what is missing, and since when."""
    since = now.moment(hole.from_at, hole.timezone)
    if hole.missing is None:
        return "rien reçu pendant un service", since
    if hole.is_undated:
        missing = plural(hole.missing, "passage sans heure sûre", "passages sans heure sûre")
    else:
        missing = plural(hole.missing, "passage manquant", "passages manquants")
    return f"{missing}, entre {since} et {now.moment(hole.until_at, hole.timezone)}", since


def _subject(tap: ClaimedTap) -> str:
    if tap.person:
        return tap.person
    if tap.typed_name:
        return f"«{NBSP}{tap.typed_name}{NBSP}»"
    return f"badge …{tap.badge_end}" if tap.badge_end else UNKNOWN


def _where(device: FleetDevice) -> str:
    return f"{device.label} – {device.structure_name}"


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else number(value)


def _terminals(count: int) -> str:
    return plural(count, "terminal", "terminaux")


def _is_heard(device: FleetDevice, now: Now) -> bool:
    limit = now.instant - HEARD_MINUTES * MICROS_PER_MINUTE
    return device.last_seen_at is not None and device.last_seen_at >= limit


def _is_recent(instant: int, now: Now) -> bool:
    return instant >= now.instant - RECOVERY_DAYS * 24 * 60 * MICROS_PER_MINUTE
