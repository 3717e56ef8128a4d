"""Terminals and tablets: their enrolment and revocation, badges, and the codes of staff at a terminal."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from domain.errors import NotAllowed
from domain.french import short_date, typeset
from domain.schedule import in_force
from domain.time import MICROS_PER_SECOND
from records.actors import Actor, Right, program
from records.database import Records, Write
from records.models import (
    Account,
    AgentCode,
    BadgeAssignment,
    BadgeChild,
    Device,
    DeviceStatus,
    Person,
    Structure,
)
from records.operations.lookup import by_ref, change, chunks, ids_by_ref, invalid, refuse_known
from records.operations.merged import kept_ids_by_ref
from records.operations.registry import Scope, operation
from records.operations.staff import staff_of

# Read aloud over the telephone: no I, L, O, 0 or 1.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
CODE_LIFETIME_SECONDS = 48 * 3600
TOKEN_BYTES = 32
AGENT_CODE_DIGITS_MIN = 4
# About 0.1 s on a server, half a second on a Raspberry Pi, which must check the code offline.
AGENT_CODE_ITERATIONS = 200_000
_SALT_BYTES = 16
# Asked at every request of a terminal, so made once: to write it anew costs SQLAlchemy as much as to run it.
_BY_TOKEN = (
    select(Device.id, Device.ref, Device.label, Device.mode, Device.structure_id, Structure.ref, Device.revoked_at)
    .join(Structure, Structure.id == Device.structure_id)
    .where(Device.token_hash == bindparam("token_hash"))
)


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A terminal (`badge`) or a tablet (`roll_call`) of a structure."""

    ref: str
    label: str
    structure_ref: str
    mode: str


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """The answer to a right code; `token` is shown here once and never again."""

    device_id: int
    device_ref: str
    label: str
    structure_ref: str
    token: str


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """The terminal behind a token. A revoked one gets no names, but its taps are still received (P8)."""

    device_id: int
    device_ref: str
    label: str
    mode: str
    structure_id: int
    structure_ref: str
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A terminal in the list of an administrator."""

    device_ref: str
    label: str
    mode: str
    structure_ref: str
    structure_name: str
    enrolled_at: int | None
    revoked_at: int | None
    last_seen_at: int | None
    software_version: str | None


@dataclass(frozen=True, slots=True)
class NewBadge:
    """A badge given to a person from a day on; without children it brings its holder."""

    badge_uid: str
    holder_ref: str
    valid_from: date
    valid_to: date | None = None
    child_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAgentCode:
    """The personal code of a member of staff at one structure, from a day on."""

    ref: str
    login: str
    structure_ref: str
    code: str
    valid_from: date
    valid_to: date | None = None


@operation(Right.MANAGE_DEVICES, Scope.PLACE)
def register_device(records: Records, actor: Actor, device: NewDevice) -> str:
    """Register a terminal; returns its one-time code, to type on it within two days."""
    with records.write(actor, "register_device") as write:
        structure_id = by_ref(write.session, Structure, device.structure_ref).id
        actor.require(Right.MANAGE_DEVICES, structure_id)
        refuse_known(write.session, Device, [device.ref])
        if device.mode not in ("badge", "roll_call"):
            raise invalid(f"Mode de terminal inconnu : « {device.mode} ».", mode=device.mode)
        row = Device(ref=device.ref, label=device.label, structure_id=structure_id, mode=device.mode)
        write.session.add(row)
        write.audit("device", device.ref, old=None, new=asdict(device))
        return _give_code(write, row)


@operation(Right.MANAGE_DEVICES, Scope.PLACE)
def renew_device_code(records: Records, actor: Actor, device_ref: str) -> str:
    """Return a new one-time code for a terminal to be set up again, revoked or not."""
    with records.write(actor, "renew_device_code") as write:
        row = by_ref(write.session, Device, device_ref)
        actor.require(Right.MANAGE_DEVICES, row.structure_id)
        write.audit("device", device_ref, old=None, new={"enrol_code": "renewed"})
        return _give_code(write, row)


def enrol_device(records: Records, code: str) -> EnrolledDevice:
    """Exchange a one-time code for a token, replacing any earlier one.

    Raises NotAllowed, with one message for a code that is unknown, used or out of date.
    """
    actor = program("terminal", Right.SEND_TAPS)
    with records.write(actor, "enrol_device") as write:
        row = write.session.scalar(select(Device).where(Device.enrol_code_hash == _sha256(_normal(code))))
        if row is None or row.enrol_code_expires_at is None or row.enrol_code_expires_at <= write.now:
            raise NotAllowed(
                typeset(
                    "Ce code n'ouvre rien : il est inconnu, déjà utilisé ou périmé. "
                    "Demandez-en un nouveau à l'administration du service."
                )
            )
        token = secrets.token_urlsafe(TOKEN_BYTES)
        old = {"enrolled_at": row.enrolled_at, "revoked_at": row.revoked_at}
        row.token_hash, row.enrolled_at, row.revoked_at = _sha256(token), write.now, None
        row.enrol_code_hash = row.enrol_code_expires_at = None
        row.row_version += 1
        _forget_machines(write.session, row.id)
        write.audit("device", row.ref, old=old, new={"enrolled_at": write.now, "revoked_at": None})
        structure = write.session.get_one(Structure, row.structure_id)
        return EnrolledDevice(row.id, row.ref, row.label, structure.ref, token)


@operation(Right.MANAGE_DEVICES, Scope.PLACE)
def revoke_device(records: Records, actor: Actor, device_ref: str) -> None:
    """Revoke a terminal: no roster any more; what it still sends is kept and flagged (reliability notes, P8)."""
    with records.write(actor, "revoke_device") as write:
        row = by_ref(write.session, Device, device_ref)
        actor.require(Right.MANAGE_DEVICES, row.structure_id)
        row.enrol_code_hash = row.enrol_code_expires_at = None
        if row.revoked_at is None:
            change(write, row, {"revoked_at": write.now})


def authenticate_device(records: Records, token: str) -> KnownDevice | None:
    """Return the terminal behind a token, None when there is none."""
    with records.read() as session:
        found = session.connection().execute(_BY_TOKEN, {"token_hash": _sha256(token)}).one_or_none()
    if found is None:
        return None
    device_id, ref, label, mode, structure_id, structure_ref, revoked_at = found
    return KnownDevice(device_id, ref, label, mode, structure_id, structure_ref, revoked_at is not None)


@operation(Right.MANAGE_DEVICES, Scope.PLACE)
def list_devices(records: Records, actor: Actor) -> list[DeviceLine]:
    """Return the terminals of the structures that the actor administers, by structure and label."""
    allowed = actor.structures_with(Right.MANAGE_DEVICES)
    with records.read() as session:
        rows = session.execute(
            select(Device, Structure, DeviceStatus)
            .join(Structure, Structure.id == Device.structure_id)
            .outerjoin(DeviceStatus, DeviceStatus.device_id == Device.id)
            .order_by(Structure.name, Device.label, Device.ref)
        )
        return [
            DeviceLine(
                device.ref,
                device.label,
                device.mode,
                structure.ref,
                structure.name,
                device.enrolled_at,
                device.revoked_at,
                None if status is None else status.last_seen_at,
                None if status is None else status.software_version,
            )
            for device, structure, status in rows
            if allowed is None or structure.id in allowed
        ]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def assign_badges(records: Records, actor: Actor, badges: Sequence[NewBadge]) -> list[int]:
    """Give badges in one transaction; returns the assignments' ids. A badge has one holder at a time."""
    with records.write(actor, "assign_badges") as write:
        session = write.session
        people = kept_ids_by_ref(session, Person, [ref for b in badges for ref in (b.holder_ref, *b.child_refs)])
        _check_badges(session, badges)
        rows = [
            BadgeAssignment(
                badge_uid=badge.badge_uid,
                holder_id=people[badge.holder_ref],
                valid_from=badge.valid_from,
                valid_to=badge.valid_to,
            )
            for badge in badges
        ]
        session.add_all(rows)
        session.flush()
        for badge, row in zip(badges, rows, strict=True):
            for child_ref in badge.child_refs or (badge.holder_ref,):
                session.add(BadgeChild(assignment_id=row.id, child_id=people[child_ref]))
            write.audit("badge_assignment", row.id, old=None, new=asdict(badge))
        return [row.id for row in rows]


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def end_badge(records: Records, actor: Actor, badge_uid: str, valid_to: date) -> None:
    """End the assignment of a badge that is in force on a day: lost, given back, given to another child."""
    with records.write(actor, "end_badge") as write:
        known = write.session.scalars(select(BadgeAssignment).where(BadgeAssignment.badge_uid == badge_uid))
        for row in known:
            if row.valid_from < valid_to and (row.valid_to is None or row.valid_to > valid_to):
                change(write, row, {"valid_to": valid_to})
                return
        raise invalid(f"Le badge {badge_uid} n'est attribué à personne le {short_date(valid_to)}.", badge=badge_uid)


@operation(Right.MANAGE_DEVICES, Scope.PLACE)
def set_agent_codes(
    records: Records, actor: Actor, codes: Sequence[NewAgentCode], iterations: int = AGENT_CODE_ITERATIONS
) -> None:
    """Set the personal codes of staff, ending the earlier code of the same account and structure.

    A terminal's staff area shows everybody of the place. Raises InvalidData for an account without a role that
    calls the roll of the whole place: a teacher's own class is not enough.
    """
    for each in codes:
        if len(each.code) < AGENT_CODE_DIGITS_MIN or not each.code.isdigit():
            raise invalid(f"Un code d'agent a au moins {AGENT_CODE_DIGITS_MIN} chiffres.", ref=each.ref)
    hashes = [_agent_code_hash(each.code, iterations) for each in codes]  # slow on purpose: not inside the write
    with records.write(actor, "set_agent_codes") as write:
        session = write.session
        structures = ids_by_ref(session, Structure, [each.structure_ref for each in codes])
        for structure_id in structures.values():
            actor.require(Right.MANAGE_DEVICES, structure_id)
        refuse_known(session, AgentCode, [each.ref for each in codes])
        accounts = _account_ids(session, [each.login for each in codes])
        for each, code_hash in zip(codes, hashes, strict=True):
            account_id, structure_id = accounts[each.login], structures[each.structure_ref]
            _require_staff_of(session, each, account_id, structure_id)
            _end_earlier_codes(write, account_id, structure_id, each.valid_from)
            session.add(
                AgentCode(
                    ref=each.ref,
                    account_id=account_id,
                    structure_id=structure_id,
                    code_hash=code_hash,
                    valid_from=each.valid_from,
                    valid_to=each.valid_to,
                )
            )
            write.audit("agent_code", each.ref, old=None, new={**asdict(each), "code": "…"})


def _forget_machines(session: Session, device_id: int) -> None:
    """Forget which machines spoke as this terminal: the new token is with one of them alone."""
    of_before = {"boot_id": None, "former_boot_id": None, "cloned_at": None}
    session.execute(update(DeviceStatus).where(DeviceStatus.device_id == device_id).values(**of_before))


def _give_code(write: Write, row: Device) -> str:
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    row.enrol_code_hash = _sha256(code)
    row.enrol_code_expires_at = write.now + CODE_LIFETIME_SECONDS * MICROS_PER_SECOND
    return code


def _normal(code: str) -> str:
    """Return a code as it was made, however it was typed: case, spaces and hyphens do not count."""
    return "".join(character for character in code.upper() if character.isalnum())


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _agent_code_hash(code: str, iterations: int) -> str:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, iterations)
    return f"pbkdf2_sha256${iterations}${salt.hex()}${digest.hex()}"


def _check_badges(session: Session, badges: Sequence[NewBadge]) -> None:
    """Refuse a badge that would have two holders on one day, in the records or in the list itself."""
    spans: dict[str, list[tuple[date, date | None]]] = {}
    for part in chunks([badge.badge_uid for badge in badges]):
        for row in session.scalars(select(BadgeAssignment).where(BadgeAssignment.badge_uid.in_(part))):
            spans.setdefault(row.badge_uid, []).append((row.valid_from, row.valid_to))
    for badge in badges:
        known = spans.setdefault(badge.badge_uid, [])
        for valid_from, valid_to in known:
            if in_force(badge.valid_from, valid_from, valid_to) or in_force(
                valid_from, badge.valid_from, badge.valid_to
            ):
                raise invalid(
                    f"Le badge {badge.badge_uid} est déjà attribué à partir du {short_date(valid_from)}. "
                    "Terminez d'abord cette attribution.",
                    badge=badge.badge_uid,
                )
        known.append((badge.valid_from, badge.valid_to))


def _account_ids(session: Session, logins: Sequence[str]) -> dict[str, int]:
    found = {
        row.login: row.id
        for part in chunks(sorted(set(logins)))
        for row in session.execute(select(Account.login, Account.id).where(Account.login.in_(part)))
    }
    for login in logins:
        if login not in found:
            raise invalid(f"Compte inconnu : « {login} ».", login=login)
    return found


def _require_staff_of(session: Session, code: NewAgentCode, account_id: int, structure_id: int) -> None:
    if account_id not in set(session.scalars(staff_of(structure_id, code.valid_from))):
        raise invalid(
            f"« {code.login} » ne travaille pas dans ce lieu le {short_date(code.valid_from)}. Donnez-lui d'abord "
            "un rôle d'agent, de coordination ou de direction pour ce lieu.",
            login=code.login,
            structure=code.structure_ref,
        )


def _end_earlier_codes(write: Write, account_id: int, structure_id: int, valid_from: date) -> None:
    """End the codes begun before; one begun that day or later has never served and goes away."""
    mine = (AgentCode.account_id == account_id, AgentCode.structure_id == structure_id)
    later = write.session.scalars(select(AgentCode).where(*mine, AgentCode.valid_from >= valid_from)).all()
    for row in later:
        write.session.delete(row)
    write.session.execute(
        update(AgentCode)
        .where(*mine, AgentCode.valid_to.is_(None) | (AgentCode.valid_to > valid_from))
        .where(AgentCode.valid_from < valid_from)
        .values(valid_to=valid_from, row_version=AgentCode.row_version + 1)
    )
