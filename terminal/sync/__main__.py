"""`python -m terminal.sync --home FOLDER --api URL`: started by a screen process, ends with it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from terminal.config import TerminalFiles
from terminal.sync.process import run


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m terminal.sync")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--api", required=True)
    arguments = parser.parse_args()
    return run(TerminalFiles(arguments.home), arguments.api, sys.stdin.buffer)


if __name__ == "__main__":
    sys.exit(main())
