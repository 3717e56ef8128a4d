"""Run every benchmark several times and write `benchmarks/results.md`: date, machine, medians, ratios first.

A benchmark is `python -m benchmarks.NAME`: progress for people, then one JSON object on its last line,
`{"name": …, "figures": {…}, "ratios": {…}}`. Ratios hold between machines; figures are this machine's.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.md"
RUNS_MIN = 3


class BenchmarkError(RuntimeError):
    """A benchmark failed or its last line is not the JSON object that is asked of it."""


@dataclass(frozen=True)
class Summary:
    """One benchmark's values over its runs."""

    name: str
    ratios: Mapping[str, Sequence[float]]
    figures: Mapping[str, Sequence[float]]


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks (all when none is named) and write the results; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", help="benchmarks to run (all by default)")
    parser.add_argument("--runs", type=int, default=RUNS_MIN, help="runs of each, at least 3")
    options = parser.parse_args(arguments)
    known = benchmark_names(ROOT / "benchmarks")
    names = options.names or known
    unknown = sorted(set(names) - set(known))
    if unknown or options.runs < RUNS_MIN or not known:
        parser.error(f"unknown: {unknown}; known: {known}; runs: {options.runs} (at least {RUNS_MIN})")
    try:
        summaries = [summarise(name, [run_once(name) for _ in range(options.runs)]) for name in names]
    except BenchmarkError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    RESULTS.write_text(render(summaries, options.runs, machine()), encoding="utf-8")
    print(f"\nwritten: {RESULTS.relative_to(ROOT)}")
    return 0


def benchmark_names(folder: Path) -> list[str]:
    """Return the modules of `folder` that are benchmarks (no leading underscore)."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def run_once(name: str) -> Mapping[str, object]:
    """Run one benchmark once, showing its progress; return its JSON object. Raises BenchmarkError."""
    print(f"\n--- {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            last = line if line.strip() else last
    if running.returncode != 0:
        raise BenchmarkError(f"{name} ended with code {running.returncode}")
    return parse(name, last)


def parse(name: str, line: str) -> Mapping[str, object]:
    """Read a benchmark's last line. Raises BenchmarkError when it is not the object asked for."""
    try:
        result = json.loads(line)
    except ValueError:
        raise BenchmarkError(f"{name}: the last line is not JSON: {line.strip()!r}") from None
    if not isinstance(result, dict) or not {"name", "figures", "ratios"} <= result.keys():
        raise BenchmarkError(f"{name}: name, figures or ratios missing: {line.strip()!r}")
    return result


def summarise(name: str, runs: Sequence[Mapping[str, object]]) -> Summary:
    """Gather the same value of each run. Raises BenchmarkError when runs differ in what they measure."""
    return Summary(name=name, ratios=_columns(name, "ratios", runs), figures=_columns(name, "figures", runs))


def render(summaries: Sequence[Summary], runs: int, about: str) -> str:
    """Return the Markdown page: ratios of all benchmarks first, then the figures of this machine."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = ["# Benchmark results", "", f"{now}, {about}. Medians of {runs} runs (smallest to largest).", ""]
    lines += ["Written by `make bench`; ratios are against the bare operation measured in the same run.", ""]
    for title in ("ratios", "figures"):
        lines += [f"## {title.capitalize()}", "", "| benchmark | what | median | range |", "|---|---|--:|--:|"]
        for summary in summaries:
            values = summary.ratios if title == "ratios" else summary.figures
            lines += [_row(summary.name, what, numbers) for what, numbers in values.items()]
        lines.append("")
    return "\n".join(lines)


def machine() -> str:
    """Describe this machine in one line: processor, cores, memory, system, Python."""
    model = "processor unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            model = line.split(":", 1)[1].strip()
            break
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {cores} cores, {memory_gb:.0f} GB, {system}"


def _columns(name: str, part: str, runs: Sequence[Mapping[str, object]]) -> Mapping[str, Sequence[float]]:
    columns: dict[str, list[float]] = {}
    for run in runs:
        values = run[part]
        if not isinstance(values, dict) or (columns and values.keys() != columns.keys() and run is not runs[0]):
            raise BenchmarkError(f"{name}: {part} differ from one run to the next: {values!r}")
        for what, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BenchmarkError(f"{name}: {part}.{what} is not a number: {value!r}")
            columns.setdefault(what, []).append(value)
    return columns


def _row(name: str, what: str, numbers: Sequence[float]) -> str:
    spread = f"{_plain(min(numbers))} – {_plain(max(numbers))}"
    return f"| {name} | {what} | {_plain(statistics.median(numbers))} | {spread} |"


def _plain(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ") if abs(number) >= 1000 else f"{number:.3g}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
