"""House numbers: small functions, small files, few parameters, nothing large in Git."""

import statistics

import pytest

from tests.hygiene.project import (
    FILE_BYTES_MAX,
    ROOMS,
    ROOT,
    functions,
    line_count,
    project_files,
    python_files,
    read_text,
    sql_files,
)

# One worker reads the project once for all of these.
pytestmark = pytest.mark.xdist_group("project")

FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN_MAX = 12
FILE_LINES_MAX = 400
PARAMETERS_MAX = 5
CODE = (*ROOMS, "scripts", "benchmarks", "tests")


def test_no_function_is_longer_than_70_lines() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}: {line_count(node)} lines"
        for path in python_files(*CODE)
        for node in functions(path)
        if line_count(node) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_half_the_functions_of_the_rooms_have_12_lines_or_fewer() -> None:
    sizes = [line_count(node) for path in python_files(*ROOMS) for node in functions(path)]
    assert statistics.median(sizes) <= FUNCTION_LINES_MEDIAN_MAX


def test_no_file_is_longer_than_400_lines() -> None:
    long = [
        f"{path}: {lines} lines"
        for path in (*python_files(*CODE), *sql_files())
        if "migrations" not in path.parts and (lines := len((read_text(path) or "").splitlines())) > FILE_LINES_MAX
    ]
    assert long == []


def test_no_function_of_the_rooms_takes_more_than_5_parameters() -> None:
    # A command of the cli has one parameter an option: typer reads them there.
    many = []
    for path in python_files(*(room for room in ROOMS if room != "cli")):
        for node in functions(path):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            names = [argument.arg for argument in arguments if argument.arg not in ("self", "cls")]
            if len(names) > PARAMETERS_MAX:
                many.append(f"{path}:{node.lineno} {node.name}{names}")
    assert many == []


def test_no_file_is_larger_than_1_mb() -> None:
    large = [
        f"{path}: {size}" for path in project_files() if (size := (ROOT / path).stat().st_size) > FILE_BYTES_MAX
    ]
    assert large == []
