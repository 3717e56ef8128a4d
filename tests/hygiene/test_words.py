"""No stub called done, no skipped test, no path of somebody's machine, a docstring on whatever is public."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hygiene.project import ROOMS, ROOT, Function, functions, project_files, python_files, read_text, tree

# One worker reads the project once for all of these.
pytestmark = pytest.mark.xdist_group("project")

# One letter in brackets, so that this file does not contain what it looks for.
STUBS = [r"\b[T]ODO\b", r"\b[F]IXME\b", r"\b[X]XX\b", r"\b[N]otImplementedError\b", r"pragma: no [c]over"]
SKIPS = [r"pytest\.[s]kip\b", r"mark\.[s]kip", r"\b[x]fail\b", r"\b[i]mportorskip\b", r"unittest\.[s]kip"]
MACHINES = [
    r"/[w]ork/",
    r"/[f]arm/",
    r"\.[l]ibrary\b",
    r"\b[f]arm-(bench|studio)",
    r"\b[s]ubagent",
    r"\.\./[s]hared\b",
    r"/tmp/[b]rief",
    r"/opt/([w]heels|[p]ypi)",
    r"/[r]oot/",
    r"\b[p]ip\.conf\b",
]
CHECKS = re.compile(
    r"\bassert(_\w+)?\b|raises|warns|expect|verify|check|run_state_machine|fail\(|wait_for|\buntil\("
)


def found(patterns: list[str], suffixes: tuple[str, ...] | None = None) -> Iterator[str]:
    """Yield `file:line text` for each line of the project that matches one of the patterns."""
    wanted = re.compile("|".join(patterns))
    for path in project_files():
        if path.name == "uv.lock" or path.name.endswith(".min.js") or (suffixes and path.suffix not in suffixes):
            continue
        for number, line in enumerate((read_text(path) or "").splitlines(), 1):
            if wanted.search(line):
                yield f"{path}:{number} {line.strip()[:100]}"


def test_no_stub_is_called_done() -> None:
    assert list(found(STUBS)) == []


def test_no_test_is_skipped() -> None:
    assert list(found(SKIPS, (".py", ".toml", ".yml", ".ini"))) == []


def test_nothing_names_a_machine_or_its_tools() -> None:
    assert list(found(MACHINES)) == []


def test_lock_file_knows_the_public_index_only() -> None:
    lock = read_text(Path("uv.lock")) or ""
    hosts = set(re.findall(r"(?:registry|url) = \"(https?://[^/\"]+|[^\"]+)", lock))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


@pytest.mark.parametrize(
    ("patterns", "line"),
    [
        (STUBS, "# {}DO: later".format("TO")),
        (SKIPS, "@pytest.mark.{}if(True)".format("skip")),
        (MACHINES, "open('/{}rk/x')".format("wo")),
    ],
)
def test_patterns_see_what_they_look_for(patterns: list[str], line: str) -> None:
    assert re.search("|".join(patterns), line)


def test_every_public_module_class_and_function_has_a_docstring() -> None:
    bare = [
        f"{path}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'module')}"
        for path in python_files(*ROOMS, "scripts", "benchmarks")
        for node in public_nodes(path)
        if ast.get_docstring(node) is None
    ]
    assert bare == []


def test_every_test_checks_something() -> None:
    weak = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files("tests")
        if path.name.startswith("test_")
        for node in functions(path)
        if node.name.startswith("test_") and not CHECKS.search(ast.unparse(node))
    ]
    assert weak == []


def test_every_test_folder_is_a_package() -> None:
    # Without it, two test files of one name in two folders cannot run together.
    folders = {path.parent for path in python_files("tests") if path.name.startswith("test_")}
    assert [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


def public_nodes(path: Path) -> Iterator[ast.Module | ast.ClassDef | Function]:
    """Yield the module (unless it is an empty `__init__` inside a room) and its public classes and functions."""
    module = tree(path)
    is_room = path.parent.name == path.parts[0] and path.name == "__init__.py"
    if is_room or (module.body and (path.name == "__init__.py" or not path.name.startswith("_"))):
        yield module
    for node in module.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node
