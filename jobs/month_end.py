"""The job `month_end`: build the figures, draft a month's invoices by parts, issue them all.

The drafts already kept stay valid while the snapshot does: a cut run is taken up again after its last payer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import InvalidData
from domain.french import month_name, number, typeset
from jobs.kinds import JobContext, Progress, Result
from records.actors import Actor, Right, program
from records.database import Records
from records.operations.billing_runs import Draft, RunBasis, close_drafts, keep_drafts, open_run, refuse_issued
from records.operations.invoice_issue import issue_run
from records.operations.jobs import MONTH_END
from records.operations.state_values import parameter_on
from warehouse.invoice_bodies import DraftBody, draft_bodies, month_to_bill
from warehouse.reader import open_snapshot

__all__ = ["MONTH_END", "issue_from_snapshot", "issue_month", "month_asked"]

THRESHOLD = "recettes.collection_threshold"
_BUILT = 0.5


def issue_month(context: JobContext) -> Result:
    """Issue the invoices of `arguments["month"]` (« 2026-11 »), signed for who asked (`arguments["asked_by"]`).

    Raises InvalidData, ParameterMissing, BuildFailed; what was drafted stays for the next try.
    """
    from warehouse.build import build  # dbt is loaded only by whoever builds

    month = month_asked(context.arguments.get("month"))
    actor = program(f"{context.arguments.get('asked_by', 'ordonnanceur')}"[:60], Right.KEEP_ACCOUNTS)
    build(context.home, context.url, progress=lambda done, said: context.progress(done * _BUILT, said))
    return issue_from_snapshot(context.records, context.home, actor, month, context.progress)


def issue_from_snapshot(records: Records, home: Path, actor: Actor, month: date, progress: Progress) -> Result:
    """Draft and issue a month from the published snapshot; returns what was issued, JSON-ready."""
    reader = open_snapshot(home)
    with records.read() as session:
        refuse_issued(session, month)
        parameter_on(session, THRESHOLD, month)  # raises by name when it has no value
    asked = month_to_bill(reader, month)
    if asked.threshold_cents is None:
        raise InvalidData(
            typeset(
                f"Rien à facturer pour {month_name(month)}. Les lieux doivent confirmer le mois ; « marelle month "
                "check » dit ce qui manque."
            ),
            month=month,
        )
    snapshot = reader.snapshot
    basis = RunBasis(
        month, snapshot.id, snapshot.sha256, snapshot.change_seq, asked.threshold_cents, asked.structure_refs
    )
    run = open_run(records, actor, basis)
    done = run.drafted
    for part in draft_bodies(reader, month, run.after_payer_ref):
        keep_drafts(records, actor, run.run_id, [_draft(body) for body in part])
        done += len(part)
        share = _BUILT + (1 - _BUILT) * done / max(1, asked.payers)
        progress(min(share, 0.99), f"{number(done)} factures préparées sur {number(asked.payers)}")
    close_drafts(records, actor, run.run_id, asked.payers)
    issued = issue_run(records, actor, run.run_id)
    progress(1.0, f"Les factures de {month_name(month)} sont émises.")
    return _json_ready(asdict(issued))


def month_asked(given: object) -> date:
    """Return the first day of the month asked for; raises InvalidData for what is no month."""
    try:
        return date.fromisoformat(f"{given}-01")
    except ValueError:
        raise InvalidData(
            typeset(f"« {given} » n'est pas un mois. Écrivez-le AAAA-MM, par exemple 2026-11.")
        ) from None


def _draft(body: DraftBody) -> Draft:
    own = {field.name: getattr(body, field.name) for field in fields(body)}
    return Draft(**{**own, "carried_ids": tuple(body.carried_ids)})


def _json_ready(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
