"""What a checker found."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """What a checker found: broken promises by family, figures that break nothing, and words for the first few."""

    broken: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)

    def add(self, family: str, count: int, words: str = "") -> None:
        """Count broken promises."""
        if count:
            self.broken[family] += count
            self.words.append(f"{family} {count} {words}".strip())

    def worst(self, families: tuple[str, ...]) -> list[str]:
        """Return the words of these families."""
        return [words for words in self.words if words.split()[0] in families]
