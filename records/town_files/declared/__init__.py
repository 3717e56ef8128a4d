"""Every file of the folder, each after those it points at."""

from records.town_files.columns import TownFile
from records.town_files.declared import (
    caf,
    enrolments,
    families,
    following,
    kitchen,
    money,
    offers,
    papers,
    places,
    schedules,
    settings,
    tariffs,
    tasks,
    terminals,
    transport,
)

FILES: tuple[TownFile, ...] = (
    *places.FILES,
    *offers.FILES,
    *tariffs.FILES,
    *money.SEJOURS,
    *schedules.FILES,
    *families.FILES,
    *papers.FILES,
    *enrolments.FILES,
    *following.NOTES,
    *transport.FILES,
    *money.FILES,
    *settings.FILES,
    *caf.FILES,
    *kitchen.FILES,
    *terminals.FILES,
    *tasks.FILES,
)
BY_NAME: dict[str, TownFile] = {each.name: each for each in FILES}
