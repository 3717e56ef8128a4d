"""`python -m tests.oracles.bill_mutants`: change each constant of the billing SQL in turn; the oracle must object.

As `tests.oracles.mutants` does for prices; what changes nothing is explained in the same list of equivalents.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from tests.harness.models import compile_once
from tests.oracles.mutants import Mutant, explained, keep, mutants, options_of, tell, tried
from tests.oracles.random_bills import compared_months
from warehouse.project import CompiledProject

MODELS = ("int_billing__", "fct_adjustments", "fct_billing_lines", "fct_invoice_drafts", "fct_waiting_credits")
SEEDS = range(4)


def is_seen(mutant: Mutant, project: CompiledProject) -> bool:
    """Say whether the changed model fails, or bills random families otherwise than the oracle."""
    models = tuple(
        replace(model, sql=mutant.sql) if model.name == mutant.model else model for model in project.models
    )
    changed = replace(project, models=models)
    try:
        return any(month.differences for seed in SEEDS for month in compared_months(seed, changed))
    except (duckdb.Error, ValueError, KeyError, TypeError):
        return True


def main() -> int:
    """Try each; print what nobody sees; return the exit code."""
    options = options_of(__doc__).parse_args()
    project, reasons, bad = compile_once(), explained(), 0
    for model in project.models:
        if not model.name.startswith(MODELS) or not any(part in model.name for part in options.only):
            continue
        wanted = list(mutants(model))
        count = tried(wanted, [each for each in wanted if not is_seen(each, project)], reasons)
        tell(model.name, count)
        bad += len(count.left)
        if options.json:
            keep(options.json, model.name, count)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
