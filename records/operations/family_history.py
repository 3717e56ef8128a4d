"""The history of a file in French: who changed what, when, from what to what, out of the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from domain.french import short_date, typeset
from records.actors import Actor, Right
from records.database import Records
from records.models import AuditEntry, Base, Family, FamilyMember, Merge, Payer, Person
from records.models.incomes import QF_UNKNOWN_E2
from records.operations.merged import ids_with_merged, kept_by_ref
from records.operations.registry import Scope, operation

LINES_MAX = 500
THINGS = {
    "address": "adresse", "answer": "réponse", "authorisation": "autorisation", "class_membership": "classe",
    "diet": "régime alimentaire", "document": "document", "family": "dossier", "family_member": "membre du dossier",
    "family_review": "vérification annuelle", "merge": "fusion", "note": "note", "payer": "payeur",
    "person": "personne", "person_phone": "téléphone", "placement": "placement", "qf": "QF",
    "regime": "régime allocataire", "signature": "signature", "delegation": "délégation",
    "custody_calendar": "calendrier de garde",
}  # fmt: skip
FEMININE = frozenset({
    "address", "answer", "authorisation", "class_membership", "delegation", "family_review", "merge", "note",
    "person", "signature",
})  # fmt: skip
FIELDS = {
    "birth_date": "date de naissance", "civility": "civilité", "commune": "commune", "email": "courriel",
    "emergency_rank": "rang d'appel", "extra": "complément", "first_name": "prénom",
    "former_commune": "ancienne commune", "is_reliable": "fiable", "kind": "type", "kinship": "lien",
    "last_name": "nom de naissance", "letter_name": "nom sur les courriers", "merged_into_id": "fusionné dans",
    "name": "nom", "notice_channel": "avis de facture", "number": "numéro", "occupation": "profession",
    "opens_with_file": "s'ouvre avec le dossier", "pickup": "droit de venir chercher", "postcode": "code postal",
    "caf_group": "caisse", "effective_from": "date d'effet", "is_allowed": "accord", "pattern": "semaines de garde",
    "signed_on": "signé le", "source": "origine", "title": "titre", "value": "valeur", "value_e2": "quotient",
    "rank": "ordre d'appel", "sex": "sexe", "street": "voie", "text": "texte", "used_name": "nom d'usage",
    "valid_from": "début", "valid_to": "fin", "wants_paper": "facture papier", "role": "rôle",
}  # fmt: skip
WORDS = {
    "True": "oui", "False": "non", "None": "rien", "yes": "oui", "no": "non", "forbidden": "INTERDIT",
    "guardian": "représentant légal", "child": "enfant", "none": "aucun", "mobile": "portable",
    "contact": "contact", "home": "domicile", "work": "travail", "other": "autre", "sms": "SMS",
    "email": "courriel", "caf": "CAF", "msa": "MSA", "computed": "calculé par la collectivité",
    "default": "pas encore connu", "RG": "régime général", "AUTRE": "autre",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change: when (µs UTC), who, what was done to what, and each field that differs."""

    occurred_at: int
    actor: str
    operation: str
    title: str
    details: tuple[str, ...]


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def history(records: Records, actor: Actor, family_ref: str) -> list[HistoryLine]:
    """Return what was changed in a file and about its people, the newest first, at most LINES_MAX lines."""
    with records.read() as session:
        family = kept_by_ref(session, Family, family_ref)
        keys = _keys(session, ids_with_merged(session, Family, family.id))
        wanted = or_(
            *(
                and_(AuditEntry.entity == entity, AuditEntry.entity_id.in_(ids))
                for entity, ids in keys.items()
                if ids
            )
        )
        rows = session.scalars(select(AuditEntry).where(wanted).order_by(AuditEntry.seq.desc()).limit(LINES_MAX))
        return [_line(row) for row in rows]


def _keys(session: Session, family_ids: list[int]) -> dict[str, set[str]]:
    """Return the audit's names of all that belongs to a file: itself, its people, what points there."""
    members = session.scalars(select(FamilyMember.person_id).where(FamilyMember.family_id.in_(family_ids)))
    people = {each for person_id in set(members) for each in ids_with_merged(session, Person, person_id)}
    payers = set(session.scalars(select(Payer.id).where(Payer.family_id.in_(family_ids))))
    owners = {"family": set(family_ids), "person": people, "payer": payers}
    keys: dict[str, set[str]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in THINGS:
            continue
        columns = table.c
        pointing = [
            column.in_(owners[key.column.table.name])
            for column in columns
            for key in column.foreign_keys
            if key.column.table.name in owners and column.name != "merged_into_id"
        ]
        if table.name in owners:
            pointing = [columns.id.in_(owners[table.name])]
        if pointing:
            name = columns.ref if "ref" in columns else columns.id
            named: list[Any] = list(session.scalars(select(name).where(or_(*pointing))))
            keys[table.name] = {str(each) for each in named}
    merges = or_(
        *(
            and_(
                Merge.entity == entity, or_(Merge.kept_id.in_(owners[entity]), Merge.merged_id.in_(owners[entity]))
            )
            for entity in ("family", "person")
        )
    )
    keys["merge"] = {str(each) for each in session.scalars(select(Merge.id).where(merges))}
    return keys


def _line(row: AuditEntry) -> HistoryLine:
    old = None if row.old is None else json.loads(row.old)
    new = {} if row.new is None else json.loads(row.new)
    done = "créé" if old is None else "retiré" if not new else "modifié"
    # A number tells people nothing: only what has a name of its own is named.
    named = "" if row.entity_id.isdigit() else f" « {row.entity_id} »"
    said = done + ("e" if row.entity in FEMININE else "")
    title = typeset(f"{_capital(THINGS[row.entity])}{named} : {said}")
    return HistoryLine(row.occurred_at, row.actor, row.operation, title, tuple(_details(old or {}, new)))


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _details(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield each field that people know, with its old and new value."""
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if name in FIELDS and before != after and not isinstance(after, list | dict):
            said = f"{FIELDS[name]} : « {_word(name, after)} »"
            changed = f"{FIELDS[name]} : « {_word(name, before)} » → « {_word(name, after)} »"
            yield typeset(said if name not in old else changed)


def _word(name: str, value: object) -> str:
    """Return a value as people say it: days as they write them, a QF in euros."""
    if name == "value_e2" and isinstance(value, int):
        return "9999" if value == QF_UNKNOWN_E2 else f"{value // 100},{value % 100:02d}"
    if name == "merged_into_id":
        return WORDS["None"] if value is None else "une autre fiche"
    try:
        return short_date(date.fromisoformat(str(value)))
    except ValueError:
        return WORDS.get(str(value), str(value))
