"""What kinds of job exist, and what each is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import MarelleError
from records.database import Records

Progress = Callable[[float, str], None]
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job works with; `progress(share 0 to 1, French message)` may be called as often as one likes."""

    records: Records
    home: Path
    url: str
    arguments: Mapping[str, Any]
    progress: Progress


JobKind = Callable[[JobContext], Result]


class UnknownKind(MarelleError):
    """A row asks for a kind of work that this release does not know."""

    code = "unknown_job_kind"


def registry() -> dict[str, JobKind]:
    """Return every kind by name. A kind must be repeatable: it may be cut anywhere and run again."""
    from jobs.invoice_pdfs import INVOICE_PDFS, make_pdfs
    from jobs.month_end import MONTH_END, issue_month
    from jobs.quotient_refresh import QUOTIENT_REFRESH, refresh_quotients
    from jobs.tariff_simulation import TARIFF_SIMULATION, simulate_tariff
    from jobs.warehouse_build import WAREHOUSE_BUILD, build_warehouse

    return {
        INVOICE_PDFS: make_pdfs,
        MONTH_END: issue_month,
        QUOTIENT_REFRESH: refresh_quotients,
        TARIFF_SIMULATION: simulate_tariff,
        WAREHOUSE_BUILD: build_warehouse,
    }


def kind_named(kinds: Mapping[str, JobKind], name: str) -> JobKind:
    """Return a kind by name; raises UnknownKind."""
    if name not in kinds:
        raise UnknownKind(f"Ce travail (« {name} ») n'existe pas dans cette version de Marelle.", kind=name)
    return kinds[name]
