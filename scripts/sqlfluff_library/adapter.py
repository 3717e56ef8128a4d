"""What sqlfluff renders for dbt's `adapter`: a call of the dispatched macro's name, enough to check the style."""

from collections.abc import Callable


def dispatch(macro_name: str, _namespace: str | None = None) -> Callable[..., str]:
    """Return a function that writes `macro_name(arguments)` as SQL."""
    return lambda *arguments, **_options: f"{macro_name}({', '.join(str(argument) for argument in arguments)})"
