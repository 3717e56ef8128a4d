"""Help and usage errors in French: typer writes its own words in English, whatever the language."""

from __future__ import annotations

import inspect
import re
import shutil
import textwrap
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from domain.french import typeset

WIDTH_MAX = 100
NUMBERS = ("NOMBRE", "PORT")  # metavars of whole numbers
# Typer gives a name to the subclass alone; every wrong use of a command is one of these.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


class WrongValue(typer.BadParameter):
    """A value that we refuse, with a French reason."""


class FrenchCommand(TyperCommand):
    """A command whose help is French."""

    def get_help(self, ctx: Any) -> str:
        """Return the help of the command."""
        return _help_text(self, ctx, [])


class FrenchGroup(TyperGroup):
    """A group of commands whose help and refusals are French."""

    def get_help(self, ctx: Any) -> str:
        """Return the help of the group, with its commands."""
        return _help_text(self, ctx, [(name, self.commands[name]) for name in self.list_commands(ctx)])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command asked for; refuse an unknown one, with what was probably meant."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.commands)
            hint = f" Vouliez-vous dire {' ou '.join(_quoted(name) for name in near)} ?" if near else ""
            raise UsageError(f"Commande inconnue : {_quoted(args[0])}.{hint}", ctx)
        return super().resolve_command(ctx, args)


def usage_message(error: Any) -> str:
    """Return in French what was wrong with the way a command was called."""
    message = str(error.message)
    kind = type(error).__name__
    if isinstance(error, WrongValue) or message.startswith("Commande inconnue"):
        return _named(error) + message if isinstance(error, WrongValue) else message
    if kind == "NoSuchOption":
        near = f" Vouliez-vous dire {error.possibilities[0]} ?" if error.possibilities else ""
        return f"Option inconnue : {error.option_name}.{near}"
    if kind == "MissingParameter" and error.param is not None:
        return f"Il manque {_what(error.param)}."
    if kind == "BadOptionUsage":
        return f"L'option {error.option_name} attend une valeur."
    if kind == "BadParameter":
        return f"{_named(error)}{_wanted(error.param)}"
    if extra := re.search(r"unexpected extra arguments?\(?s?\)? \((.*)\)", message):
        return f"Argument en trop : {extra[1]}."
    if "Missing command" in message:
        return "Indiquez une commande."
    return message


def help_command(error: Any) -> str:
    """Return the command that shows the help for what was called wrongly."""
    path = error.ctx.command_path if error.ctx is not None else "marelle"
    return f"{path} --help"


def _named(error: Any) -> str:
    return f"{_name(error.param)} : " if error.param is not None else ""


def _name(param: Any) -> str:
    return str(max(param.opts, key=len)) if param.param_type_name == "option" else _metavar(param)


def _what(param: Any) -> str:
    kind = "l'option" if param.param_type_name == "option" else "l'argument"
    return f"{kind} {_name(param)}"


def _wanted(param: Any) -> str:
    """Return what a value must be; typer's own words are English."""
    if getattr(param, "metavar", None) not in NUMBERS:
        return "cette valeur n'est pas acceptée."
    low, high = getattr(param, "min", None), getattr(param, "max", None)
    bounds = f" de {low} à {high}" if low is not None and high is not None else ""
    return f"écrivez un nombre entier{bounds}."


def _quoted(text: str) -> str:
    return f"« {text} »"


def _help_text(command: Any, ctx: Any, commands: list[tuple[str, Any]]) -> str:
    width = min(WIDTH_MAX, shutil.get_terminal_size((WIDTH_MAX, 24)).columns)
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    options = [param for param in shown if param.param_type_name == "option"]
    pieces = [ctx.command_path, "[OPTIONS]", *(_metavar(param) for param in arguments)]
    pieces += ["COMMANDE …"] if commands else []
    blocks = [f"Utilisation : {' '.join(pieces)}", _paragraphs(command.help or "", width)]
    blocks.append(_section("Arguments", [(_metavar(p), _described(p)) for p in arguments], width))
    rows = [(_option(param), _described(param)) for param in options]
    rows.append(("--help", "Afficher cette aide."))
    blocks.append(_section("Options", rows, width))
    summaries = [(name, _summary(each)) for name, each in commands if not each.hidden]
    blocks.append(_section("Commandes", summaries, width))
    return typeset("\n\n".join(block for block in blocks if block))


def _paragraphs(text: str, width: int) -> str:
    parts = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        textwrap.indent(part, "  ")
        if part.startswith("  ")
        else textwrap.fill(" ".join(part.split()), width, initial_indent="  ", subsequent_indent="  ")
        for part in parts
        if part
    )


def _section(title: str, rows: Iterable[tuple[str, str]], width: int) -> str:
    rows = list(rows)
    if not rows:
        return ""
    column = min(max(len(left) for left, _ in rows) + 4, 38)
    lines = [f"{title} :"]
    for left, right in rows:
        wrapped = textwrap.wrap(right, max(20, width - column)) or [""]
        first = f"  {left}".ljust(column)
        if len(first) > column:
            lines.append(first)
            first = " " * column
        lines.append(first + wrapped[0])
        lines += [" " * column + line for line in wrapped[1:]]
    return "\n".join(lines)


def _option(param: Any) -> str:
    names = ", ".join([*sorted(param.opts, key=len), *param.secondary_opts])
    return names if param.is_flag else f"{names} {_metavar(param)}"


def _described(param: Any) -> str:
    text = str(getattr(param, "help", None) or "")
    default = param.default
    if param.show_default and isinstance(default, int | str) and not isinstance(default, bool) and default != "":
        text += f" [défaut : {default}]"
    return text


def _metavar(param: Any) -> str:
    return str(param.metavar or (param.name or "").upper())


def _summary(command: Any) -> str:
    return inspect.cleandoc(command.help or "").split("\n\n")[0].replace("\n", " ").strip()
