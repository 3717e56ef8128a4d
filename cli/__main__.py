"""`python -m cli` is `marelle`: children of `marelle run` are started so, whatever the PATH."""

from cli.main import app

app()
