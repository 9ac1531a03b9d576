"""Dates with the name of a month, and without separators, put into numbers: ``2 mars 2026`` is ``2026-03-02``. Pure.

Names of months and weekdays in English, French, German, Spanish, Italian, Portuguese and Dutch, whole or cut short.
"""

import re
import unicodedata

_MONTHS = tuple(
    tuple(names.split())
    for names in (
        "january janvier januar janner enero gennaio janeiro januari",
        "february fevrier februar febrero febbraio fevereiro februari",
        "march mars marz mrz marzo marco maart mrt",
        "april avril abril aprile",
        "may mai mayo maggio maio mei",
        "june juin juni junio giugno junho",
        "july juillet juli julio luglio julho",
        "august aout agosto augustus",
        "september septembre septiembre settembre setembro",
        "october octobre oktober octubre ottobre outubro",
        "november novembre noviembre novembro",
        "december decembre dezember diciembre dicembre dezembro",
    )
)
_WEEKDAYS = tuple(
    """monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lunes martes miercoles jueves viernes sabado
    domingo lunedi martedi mercoledi giovedi venerdi sabato domenica segunda terca quarta quinta sexta maandag dinsdag
    woensdag donderdag vrijdag zaterdag zondag""".split()  # noqa: SIM905
)
_WORD = r"[^\W\d_]+"
_NAMED = (
    # 2 mars 2026, Mon, 02 Mar 2026, 2. März 2026, 2 de marzo de 2026, 02-Mar-2026; of these alone a year may be short
    rf"(?P<day>[0-9]{{1,2}})(?:\.|st|nd|rd|th|er|º)?(?:[-/ ]| de | of | di )(?P<month>{_WORD})\.?,?"
    r"(?:[-/ ]| de | del )(?P<year>[0-9]{4}|[0-9]{2})",
    # March 2, 2026
    rf"(?P<month>{_WORD})\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}})",
    # Mar 2 09:14:00 2026
    rf"(?P<month>{_WORD}) +(?P<day>[0-9]{{1,2}}) (?P<clock>[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}) (?P<year>[0-9]{{4}})",
    rf"(?P<year>[0-9]{{4}})[-/ ](?P<month>{_WORD})[-/ ](?P<day>[0-9]{{1,2}})",
)
_FORMS = tuple(
    re.compile(rf"(?:(?P<weekday>{_WORD})\.?,? )?{form}(?P<rest>(?:,? +|T).+)?", re.IGNORECASE) for form in _NAMED
)
_COMPACT = re.compile(
    r"(?P<year>(?:19|20|21)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:T?(?P<hour>[0-9]{2})(?::?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2}))?(?P<zone>Z|[-+][0-9:]{2,6})?)?)?",
    re.IGNORECASE,
)
_AT = re.compile(r"^,? +(?:at|a|um|a las|alle|as|om) ", re.IGNORECASE)


def as_iso(text: str) -> str:
    """Return the same date with its year first and in numbers, with what follows it; other texts as they are."""
    if match := _COMPACT.fullmatch(text):
        return _from_compact(match)
    if not any(character.isalpha() for character in text):
        return text
    plain = _without_accents(text)
    for form in _FORMS:
        if (match := form.fullmatch(plain)) and (month := _month(match["month"])) and _is_weekday(match["weekday"]):
            year = match["year"] if len(match["year"]) == 4 else f"20{match['year']}"
            clock = f" {match['clock']}" if match.groupdict().get("clock") else ""
            return f"{year}-{month:02d}-{match['day']}{clock}{_AT.sub(' ', match['rest'] or '')}"
    return text


def _from_compact(match: re.Match[str]) -> str:
    day = f"{match['year']}-{match['month']}-{match['day']}"
    if not match["hour"]:
        return day
    return f"{day} {match['hour']}:{match['minute'] or '00'}:{match['second'] or '00'}{match['zone'] or ''}"


def _month(word: str) -> int | None:
    """The month that a word of at least three letters begins, when it is one alone: jui is June or July in French."""
    folded = word.casefold()
    found = [
        number
        for number, names in enumerate(_MONTHS, start=1)
        if len(folded) >= 3 and any(name.startswith(folded) for name in names)
    ]
    return found[0] if len(found) == 1 else None


def _is_weekday(word: str | None) -> bool:
    return not word or any(name.startswith(word.casefold()) for name in _WEEKDAYS)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(character for character in apart if not unicodedata.combining(character))
