"""What a family file shows when it is opened: plain values, as `open_family_file` returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AddressView:
    """Where they live today; what is not reliable says so."""

    address_id: int
    street: str | None
    extra: str | None
    postcode: str | None
    commune: str
    former_commune: str | None
    is_reliable: bool
    row_version: int


@dataclass(frozen=True, slots=True)
class PhoneView:
    """A telephone, in the order of call."""

    phone_id: int
    number: str
    kind: str
    note: str | None


@dataclass(frozen=True, slots=True)
class HealthView:
    """What staff must act on today."""

    kind: str
    label: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody of the file today. `pickup` « forbidden » is shown first, in the file and at the door.

    `health` is None when the reader has not the right: it is not « nothing to say ».
    """

    member_id: int
    person_ref: str
    role: str
    civility: str | None
    first_name: str
    last_name: str
    used_name: str | None
    birth_date: date | None
    email: str | None
    occupation: str | None
    kinship: str | None
    pickup: str
    emergency_rank: int | None
    phones: tuple[PhoneView, ...]
    address: AddressView | None
    classes: tuple[str, ...]
    diets: tuple[str, ...]
    health: tuple[HealthView, ...] | None
    row_version: int
    member_version: int


@dataclass(frozen=True, slots=True)
class PayerLine:
    """Who receives invoices of the file."""

    payer_ref: str
    person_ref: str | None
    body_ref: str | None
    notice_channel: str
    wants_paper: bool
    row_version: int


@dataclass(frozen=True, slots=True)
class QfLine:
    """A QF as it was recorded; `is_standing` unless a later one of the same day and payer corrects it."""

    qf_id: int
    value_e2: int
    source: str
    effective_from: date
    payer_ref: str | None
    is_unknown: bool
    is_standing: bool


@dataclass(frozen=True, slots=True)
class QfDifference:
    """The latest QF of two sources in one school year, for one payer, that differ: shown side by side.

    `values` are (source, QF in hundredths), the latest day of effect first; `effective_from` is that day.
    """

    payer_ref: str | None
    effective_from: date
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DifferingQf:
    """A file whose sources differ."""

    family_ref: str
    family_name: str
    difference: QfDifference


@dataclass(frozen=True, slots=True)
class RegimeLine:
    """The fund of the family from a day on."""

    code: str
    caf_group: str
    effective_from: date
    allocataire_number: str | None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note in force today."""

    note_id: int
    kind: str
    text: str
    opens_with_file: bool
    row_version: int


@dataclass(frozen=True, slots=True)
class EnrolmentLine:
    """An enrolment that has not ended."""

    enrolment_ref: str
    person_ref: str
    service_ref: str
    structure_ref: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class FamilyFile:
    """A whole file on a day. `warnings` come first: forbidden pick-ups, then notes that open with the file."""

    family_ref: str
    asked_ref: str
    name: str
    letter_name: str | None
    row_version: int
    warnings: tuple[str, ...]
    to_complete: tuple[str, ...]
    address: AddressView | None
    members: tuple[MemberView, ...]
    payers: tuple[PayerLine, ...]
    qfs: tuple[QfLine, ...]
    qf_differences: tuple[QfDifference, ...]
    regimes: tuple[RegimeLine, ...]
    notes: tuple[NoteLine, ...]
    enrolments: tuple[EnrolmentLine, ...]
