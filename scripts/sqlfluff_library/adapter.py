"""What sqlfluff renders for dbt's `adapter`: the macro written for DuckDB, as dbt itself would choose."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined


def dispatch(macro_name: str, _namespace: str | None = None) -> Callable[..., str]:
    """Return the macro `duckdb__<macro_name>`, found in the template that calls it when it calls it."""

    @pass_context
    def call(context: Context, *arguments: object, **options: object) -> str:
        macro = context.resolve(f"duckdb__{macro_name}")
        if isinstance(macro, Undefined):
            return f"{macro_name}({', '.join(str(argument) for argument in arguments)})"
        return str(macro(*arguments, **options))

    return call
