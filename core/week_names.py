"""How a week is called in the reader's language; addresses, files and forms have it as ISO 8601 writes it."""

from datetime import date

from django.utils.translation import gettext as _

from core.weeks import Week


def week_number(week: Week) -> str:
    """`W46`, `S46` in French."""
    return _("W%(number)s") % {"number": str(week)[-2:]}


def week_name(week: Week | date | str) -> str:
    """`2026-W46`, `2026-S46` in French; of a week, its Monday or its ISO name."""
    known = Week.parse(week) if isinstance(week, str) else week if isinstance(week, Week) else Week(week)
    return f"{str(known)[:4]}-{week_number(known)}"
