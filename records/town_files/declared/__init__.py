"""Every file of the folder, each after those it points at."""

from records.town_files.columns import TownFile
from records.town_files.declared import enrolments, families, offers, places

FILES: tuple[TownFile, ...] = (*places.FILES, *offers.FILES, *families.FILES, *enrolments.FILES)
BY_NAME: dict[str, TownFile] = {each.name: each for each in FILES}
