"""Days and months on the command line, refused in French when they make no sense."""

from __future__ import annotations

from datetime import date

from cli.help import WrongValue


def parse_day(text: str) -> date:
    """Return the day of « AAAA-MM-JJ »; raises WrongValue."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongValue(f"« {text} » n'est pas un jour. Écrivez AAAA-MM-JJ, par exemple 2026-11-24.") from None


def parse_month(text: str) -> date:
    """Return the first day of « AAAA-MM »; raises WrongValue."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise WrongValue(f"« {text} » n'est pas un mois. Écrivez AAAA-MM, par exemple 2026-11.") from None


def add_months(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` later (or earlier)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def today_here() -> date:
    """Return today at the collectivity of MARELLE_HOME."""
    from cli.settings import records_here, time_zone
    from domain.time import local_day

    with records_here() as records:
        return local_day(records.clock(), time_zone(records))
