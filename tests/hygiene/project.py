"""The project's own files and syntax trees, as Git sees them: what is committed or about to be."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "domain",
    "records",
    "device_drivers",
    "terminal",
    "ingest_api",
    "warehouse",
    "jobs",
    "exchanges",
    "dashboards",
    "portal",
    "cli",
    "demo",
)
FILE_BYTES_MAX = 1_000_000
VENDORED = ("tests/e2e/vendor/",)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that Git keeps or would keep, relative to the root, without vendored ones."""
    # safe.directory: the checkout may belong to somebody else, e.g. in a container.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted(name for name in set(listed.split("\0")) if name and not name.startswith(VENDORED))
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


@cache
def read_text(path: Path) -> str | None:
    """Return the text of a project file, or None for a binary one or one too large to be ours (test_size.py)."""
    if (ROOT / path).stat().st_size > FILE_BYTES_MAX:
        return None
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def python_files(*folders: str) -> list[Path]:
    """Return the Python files under the given top folders."""
    return [path for path in project_files() if path.suffix == ".py" and path.parts[0] in folders]


def sql_files() -> list[Path]:
    """Return the SQL files of the project."""
    return [path for path in project_files() if path.suffix == ".sql"]


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """Yield every function and method of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def line_count(node: Function) -> int:
    """Return how many lines a function takes, decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1
