"""What a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How serious it is: `waiting` is work that waits for a person, `fault` keeps Marelle from working well."""

    OK = "ok"
    WAITING = "waiting"
    FAULT = "fault"


SIGNS = {Level.OK: "✓", Level.WAITING: "▲", Level.FAULT: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `action` is empty when there is nothing to do."""

    subject: str
    level: Level
    detail: str
    action: str = ""


def ok(subject: str, detail: str) -> Finding:
    """Return a finding with nothing to do."""
    return Finding(subject, Level.OK, detail)


def waiting(subject: str, detail: str, action: str) -> Finding:
    """Return work that waits for a person."""
    return Finding(subject, Level.WAITING, detail, action)


def fault(subject: str, detail: str, action: str) -> Finding:
    """Return something that keeps Marelle from working well."""
    return Finding(subject, Level.FAULT, detail, action)
