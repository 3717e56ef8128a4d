"""The `marelle` command: its groups and commands. Nothing of the rooms is imported before a command is called."""

from __future__ import annotations

from collections.abc import Callable

import typer

from cli.commands import (
    accounts,
    badge,
    caf,
    caf_accounts,
    caf_audit,
    caf_declarations,
    calendar,
    coverage,
    demo,
    devices,
    doctor,
    export,
    figures,
    import_,
    init,
    invoices,
    mail,
    meal_orders,
    meals,
    month,
    query,
    quotients,
    rgpd,
    run,
    school_year,
    serve,
    state_values,
    tariffs,
    tasks,
    terminal,
    warehouse,
)
from cli.errors import MarelleGroup
from cli.help import FrenchCommand, FrenchGroup

app = typer.Typer(cls=MarelleGroup, name="marelle", add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def marelle(context: typer.Context) -> None:
    """Marelle : du badge de l'enfant à la facture, au repas et à l'heure CAF.

    Les commandes travaillent dans le dossier MARELLE_HOME (./data sans autre indication). Une base PostgreSQL
    se désigne par MARELLE_DATABASE_URL.
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


Command = Callable[..., None]
_SINGLE: dict[str, Command] = {
    "run": run.run,
    "init": init.init,
    "demo": demo.demo,
    "doctor": doctor.doctor,
    "terminal": terminal.terminal,
    "badge": badge.badge,
    "query": query.query,
    "import": import_.import_,
}
_GROUPS: tuple[tuple[str, str, dict[str, Command]], ...] = (
    ("warehouse", "Calculer les chiffres : séjours, prix, repas, heures CAF.", {"build": warehouse.build}),
    (
        "caf",
        "Chiffres pour la CAF.",
        {
            "hours": caf.hours,
            "declaration": caf_declarations.declaration,
            "settings": caf_accounts.settings,
            "audit": caf_audit.audit,
        },
    ),
    ("figures", "Chiffres sans noms, pour les élus.", {"sheet": figures.sheet}),
    (
        "meals",
        "Repas prévus, estimés, commandés.",
        {
            "forecast": meals.forecast,
            "order": meal_orders.order,
            "backtest": meal_orders.backtest,
            "menus": meal_orders.menus,
            "settings": meal_orders.settings,
        },
    ),
    (
        "coverage",
        "Prises en charge, bons et états des organismes.",
        {
            "list": coverage.list_,
            "statement": coverage.statement,
            "recap": coverage.recap,
            "quote": coverage.quote,
        },
    ),
    (
        "month",
        "Fin de mois : confirmer, contrôler, facturer.",
        {
            "status": month.status,
            "confirm": month.confirm,
            "reopen": month.reopen,
            "check": month.check,
            "faults": month.faults,
            "handled": month.handled,
            "issue": month.issue,
            "untold": month.untold,
            "credit": month.credit,
            "settings": month.settings,
        },
    ),
    (
        "invoices",
        "Factures, leurs lignes et leurs raisons.",
        {
            "list": invoices.list_,
            "show": invoices.show,
            "explain": invoices.explain,
            "pdf": invoices.pdf,
            "certificate": invoices.certificate,
            "paper": invoices.paper,
        },
    ),
    (
        "calendar",
        "Vacances, jours fériés, fermetures et grèves.",
        {"import": calendar.import_, "event": calendar.event, "event-cancel": calendar.event_cancel},
    ),
    (
        "school-year",
        "Année scolaire suivante et passage des élèves.",
        {
            "list": school_year.list_,
            "prepare": school_year.prepare,
            "edit": school_year.edit,
            "roll-over": school_year.roll_over,
            "decide": school_year.decide,
        },
    ),
    (
        "tasks",
        "Calendrier annuel des tâches d'administration.",
        {
            "due": tasks.due,
            "list": tasks.list_,
            "done": tasks.done,
            "add": tasks.add,
            "edit": tasks.edit,
            "propose": tasks.propose,
        },
    ),
    (
        "state-values",
        "Valeurs nationales, avec leur date et leur source.",
        {"list": state_values.list_, "enter": state_values.enter},
    ),
    (
        "accounts",
        "Comptes personnels, rôles et droits.",
        {
            "list": accounts.list_,
            "rights": accounts.rights,
            "create": accounts.create,
            "activate": accounts.activate,
            "grant": accounts.grant,
            "revoke": accounts.revoke,
            "lend": accounts.lend,
            "teach": accounts.teach,
            "reset": accounts.reset,
            "disable": accounts.disable,
            "enable": accounts.enable,
        },
    ),
    ("mail", "Messages envoyés aux personnes.", {"list": mail.list_, "send": mail.send, "print": mail.print_}),
    (
        "devices",
        "Bornes et tablettes.",
        {
            "register": devices.register,
            "list": devices.list_,
            "code": devices.code,
            "revoke": devices.revoke,
        },
    ),
    (
        "rgpd",
        "Conservation, purges et droit d'accès.",
        {
            "durations": rgpd.durations,
            "keep": rgpd.keep,
            "list": rgpd.list_,
            "lists": rgpd.lists,
            "order": rgpd.order,
            "purge": rgpd.purge,
            "report": rgpd.report,
            "export": rgpd.export,
            "readings": rgpd.readings,
        },
    ),
    ("export", "Écrire les données en fichiers.", {"data": export.data, "filoue": export.filoue}),
    ("tariffs", "Tarifs.", {"check": tariffs.check, "simulate": tariffs.simulate}),
    (
        "quotients",
        "Quotients familiaux.",
        {
            "refresh": quotients.refresh,
            "show": quotients.show,
            "compute": quotients.compute,
            "differences": quotients.differences,
            "formula": quotients.formula,
        },
    ),
    (
        "serve",
        "Un seul service, pour systemd.",
        {
            "api": serve.api,
            "portal": serve.portal,
            "dashboards": serve.dashboards,
            "scheduler": serve.scheduler,
            "terminal": serve.terminal,
        },
    ),
)

for _name, _command in _SINGLE.items():
    app.command(_name, cls=FrenchCommand)(_command)
_NESTED: tuple[tuple[str, str, str, dict[str, Command]], ...] = (
    (
        "caf",
        "accounting",
        "Charges et produits des structures.",
        {"import": caf_accounts.accounting_import, "list": caf_accounts.accounting_list},
    ),
    ("caf", "consents", "Accords des familles pour le fichier Filoué.", {"import": caf_accounts.consents_import}),
)


def _group(words: str, commands: dict[str, Command]) -> typer.Typer:
    group = typer.Typer(cls=FrenchGroup, help=words, rich_markup_mode=None)
    for name, command in commands.items():
        group.command(name, cls=FrenchCommand)(command)
    return group


for _name, _help, _commands in _GROUPS:
    _sub = _group(_help, _commands)
    for _parent, _child, _words, _inner in _NESTED:
        if _parent == _name:
            _sub.add_typer(_group(_words, _inner), name=_child)
    app.add_typer(_sub, name=_name)
