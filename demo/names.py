"""Drawing names: groups that hold together, no two people alike, nobody famous."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    return tomllib.loads((files("demo") / "data" / "names.toml").read_text(encoding="utf-8"))


def avoided_names() -> frozenset[str]:
    """Return the full names that are never drawn."""
    return frozenset(_lists()["avoid"]["full_names"])


@dataclass
class NameBook:
    """Draws full names, each at most once in a town; `first_names` of a kind come from the family's group."""

    random: random.Random
    taken: set[str] = field(default_factory=set)

    def group(self) -> dict[str, Any]:
        """Draw the group of names of a family."""
        groups = _lists()["groups"]
        chosen: dict[str, Any] = self.random.choices(groups, [group["weight"] for group in groups])[0]
        return chosen

    def surname(self, group: dict[str, Any]) -> str:
        """Draw a surname of a group."""
        return str(self.random.choice(group["surnames"]))

    def first_name(self, group: dict[str, Any], kind: str, last_name: str) -> str:
        """Draw a first name (`girls`, `boys`, `mothers`, `fathers`) that makes a new full name.

        Groups other than the first give their own names to two people in three.
        """
        own, shared = group[kind], _lists()["shared"][kind]
        is_main = group is _lists()["groups"][0]
        for _attempt in range(200):
            pool = own if self.random.random() < (0.15 if is_main else 0.65) else shared
            if self._claim(name := str(self.random.choice(pool)), last_name):
                return name
        raise RuntimeError(f"no free first name left for {last_name}")

    def contact(self, kind: str, last_name: str) -> str:
        """Draw a first name for a contact (`grandmothers`, `grandfathers`, `sitters`)."""
        for _attempt in range(200):
            if self._claim(name := str(self.random.choice(_lists()["contacts"][kind])), last_name):
                return name
        raise RuntimeError(f"no free first name left for {last_name}")

    def reserve(self, first_name: str, last_name: str) -> None:
        """Keep a full name that the town's own data gives to somebody."""
        self.taken.add(f"{first_name} {last_name}")

    def _claim(self, first_name: str, last_name: str) -> bool:
        full = f"{first_name} {last_name}"
        if full in self.taken or full in avoided_names():
            return False
        self.taken.add(full)
        return True
