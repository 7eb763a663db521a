"""Days of the week and time zones as forms offer them, in the reader's language."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.dates import format_datetime, get_day_names

from recado.lib.languages import language

USUAL_ZONE: Final = "America/Sao_Paulo"  # of whoever names none
_ZONES: Final = (
    "America/Noronha America/Sao_Paulo America/Bahia America/Fortaleza America/Recife "
    "America/Manaus America/Cuiaba America/Rio_Branco America/Argentina/Buenos_Aires "
    "America/Montevideo America/Asuncion America/Santiago America/La_Paz America/Lima "
    "America/Bogota America/Guayaquil America/Caracas America/Panama America/Costa_Rica "
    "America/Guatemala America/Mexico_City America/New_York America/Chicago America/Denver "
    "America/Los_Angeles Europe/Lisbon Europe/Madrid Europe/London Europe/Berlin Africa/Luanda "
    "Africa/Maputo Asia/Kolkata Asia/Tokyo Australia/Sydney UTC"
)


def weekdays(width: Literal["abbreviated", "wide"] = "abbreviated") -> list[tuple[int, str]]:
    """The days of the week as ISO numbers them, Monday first."""
    names = get_day_names(width, context="stand-alone", locale=language())
    return [(number, names[number - 1]) for number in range(1, 8)]


def time_zones(*chosen: str) -> list[tuple[str, str]]:
    """Time zones to choose from, the chosen ones among them: where most of us live."""
    return _offered([*_ZONES.split(), *chosen])


def every_time_zone(chosen: str) -> list[tuple[str, str]]:
    """All there are, each under its present name, those where most of us live first."""
    places = (one for one in sorted(get_global("zone_territories")) if not one.startswith("Etc/"))
    return _offered([*_ZONES.split(), *places, chosen])


def known_zone(wanted: str) -> str | None:
    """A time zone that there is, by any of its names; None where there is none of that name."""
    return wanted if wanted in available_timezones() else None


def _offered(zones: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, one.replace("_", " ")) for one in dict.fromkeys(zones)]


def day_and_time(moment: datetime, time_zone: str) -> str:
    """A moment of these days: "Monday, 09:00"."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return str(format_datetime(local, "EEEE, HH:mm", locale=language()))
