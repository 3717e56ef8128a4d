"""The QF of a file as people read them: which stand, and which of different sources differ (domain notes §3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.quotients import school_year_start
from records.actors import Actor, Right
from records.database import Records
from records.models import Family, Payer, Qf
from records.models.incomes import QF_UNKNOWN_E2
from records.operations.family_file_views import DifferingQf, QfDifference, QfLine
from records.operations.merged import ids_with_merged, kept_ids
from records.operations.paging import FIRST_PAGE, Page, PageAsked, page_of
from records.operations.registry import Scope, operation


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def differing_qfs(records: Records, actor: Actor, asked: PageAsked = FIRST_PAGE) -> Page[DifferingQf]:
    """Return the files whose latest QF of two sources differ within a school year, by name: a person chooses."""
    with records.read() as session:
        found = []
        for family in _files_with_several_sources(session):
            lines = qf_lines(session, ids_with_merged(session, Family, family.id))
            found += [DifferingQf(family.ref, family.name, each) for each in qf_differences(lines)]
    return page_of(found, asked)


def qf_lines(session: Session, family_ids: Sequence[int]) -> tuple[QfLine, ...]:
    """Return every QF ever recorded, the newest day of effect first: none is ever taken away."""
    rows = session.scalars(
        select(Qf)
        .where(Qf.family_id.in_(family_ids))
        .order_by(Qf.effective_from.desc(), Qf.recorded_at.desc(), Qf.id.desc())
    ).all()
    payers = _payer_refs(session, {row.payer_id for row in rows if row.payer_id is not None})
    # The last of each source stands: another source stands beside, the same one corrects, and all correct « 9999 ».
    standing: dict[tuple[str | None, date], set[str]] = defaultdict(set)
    lines = []
    for row in rows:
        payer_ref = None if row.payer_id is None else payers[row.payer_id]
        before = standing[payer_ref, row.effective_from]
        is_standing = row.source not in before and not (row.source == "default" and before)
        before.add(row.source)
        lines.append(
            QfLine(
                row.id,
                row.value_e2,
                row.source,
                row.effective_from,
                payer_ref,
                row.value_e2 == QF_UNKNOWN_E2,
                is_standing,
            )
        )
    return tuple(lines)


def _payer_refs(session: Session, payer_ids: Collection[int]) -> dict[int, str]:
    """Return the reference of each payer, that of the one kept where it was merged."""
    if not payer_ids:
        return {}
    kept = kept_ids(session, Payer)
    named = select(Payer.id, Payer.ref).where(Payer.id.in_({kept.of(payer_id) for payer_id in payer_ids}))
    refs = {payer_id: ref for payer_id, ref in session.execute(named)}
    return {payer_id: refs[kept.of(payer_id)] for payer_id in payer_ids}


def qf_differences(lines: Sequence[QfLine]) -> tuple[QfDifference, ...]:
    """Return, for each payer, the latest QF of each source in the payer's last school year, when they differ."""
    latest: dict[str | None, dict[str, QfLine]] = defaultdict(dict)
    years: dict[str | None, date] = {}
    for line in lines:
        if line.is_unknown or not line.is_standing:
            continue
        year = years.setdefault(line.payer_ref, school_year_start(line.effective_from))
        if school_year_start(line.effective_from) == year:
            latest[line.payer_ref].setdefault(line.source, line)
    return tuple(
        QfDifference(
            payer_ref,
            max(line.effective_from for line in by_source.values()),
            tuple((line.source, line.value_e2) for line in by_source.values()),
        )
        for payer_ref, by_source in latest.items()
        if len({line.value_e2 for line in by_source.values()}) > 1
    )


def _files_with_several_sources(session: Session) -> Sequence[Family]:
    """Return the files that may have two sources: those that have, and those that others were merged into."""
    several = (
        select(Qf.family_id)
        .where(Qf.source != "default")
        .group_by(Qf.family_id)
        .having(func.count(Qf.source.distinct()) > 1)
    )
    merged_into = select(Family.merged_into_id).where(Family.merged_into_id.is_not(None))
    return session.scalars(
        select(Family)
        .where(Family.merged_into_id.is_(None), Family.id.in_(several) | Family.id.in_(merged_into))
        .order_by(Family.name, Family.id)
    ).all()
