"""People out of a sheet, as it is pasted or as a file: who they are, and what they cost from when on.

What is read is shown in a table and saved from there, so nothing of the sheet is kept.
"""

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from campaigns.imports.files.file_errors import FileError
from campaigns.imports.files.file_reader import FileTable, open_table
from campaigns.imports.files.header_search import LINES_LOOKED_AT, find_header
from campaigns.imports.files.headers import header_key
from campaigns.models.catalogue import normalise
from core.access import Role
from core.dates import DateColumn, DateError, DayOrder, parse_date

MOST_PEOPLE = 100  # at a time: a form of more fields than this makes is refused by the server
# The order of a sheet without headers.
PLAIN_ORDER = ("name", "email", "weekly_minutes", "joined_on", "hourly_cents", "starts_on")
HEADERS: Mapping[str, str] = {
    "name": "name, full name, person, employee, nom, nom complet, personne, collaborateur, collaboratrice, salarié",
    "first_name": "first name, given name, prénom, vorname",
    "last_name": "last name, surname, family name, nom de famille, nachname",
    "email": "e-mail, email, mail, e-mail address, email address, adresse e-mail, adresse mail, courriel",
    "role": "role, rôle, rolle",
    "weekly_minutes": "hours a week, hours per week, weekly hours, hours/week, hours, heures par semaine, "
    "heures hebdomadaires, heures/semaine, h/semaine, heures, stunden pro woche, wochenstunden",
    "joined_on": "joined, joined on, start date, hired, hired on, entry date, arrivée, date d'arrivée, entrée, "
    "date d'entrée, embauche, date d'embauche, eintritt",
    "hourly_cents": "rate, cost rate, hourly rate, cost of an hour, an hour, hourly cost, cost, taux, taux horaire, "
    "coût, coût horaire, coût d'une heure, stundensatz",
    "starts_on": "from, rate from, since, valid from, de, depuis, à partir du, dès, coût depuis, taux depuis, ab",
}
COLUMN_OF = {header_key(text): name for name, texts in HEADERS.items() for text in texts.split(", ")}
DAYS = ("joined_on", "starts_on")
ROLES: Mapping[str, Role] = {
    "member": Role.MEMBER,
    "membre": Role.MEMBER,
    "manager": Role.MANAGER,
    "responsable": Role.MANAGER,
    "director": Role.DIRECTOR,
    "directeur": Role.DIRECTOR,
    "directrice": Role.DIRECTOR,
    "direction": Role.DIRECTOR,
}


@dataclass(frozen=True)
class PeopleTable:
    """The rows as the fields of the form have them, the headers that no field takes, and how many were left out."""

    rows: Sequence[Mapping[str, str]]
    unread: Sequence[str] = ()
    left_out: int = 0


def read_text(text: str, *, order: DayOrder) -> PeopleTable:
    """Read what was pasted; `order` says what 02/03/2026 means where no day of its column does."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".csv") as file:
        file.write(text)
        file.flush()
        return read_file(Path(file.name), order=order)


def read_file(path: Path, *, order: DayOrder) -> PeopleTable:
    """Read a CSV or XLSX file; `FileError` when it is no table."""
    table = _under_its_header(open_table(path))
    columns = [COLUMN_OF.get(header_key(header)) for header in table.header]
    records = [row.cells for row in table.rows()]
    unread = [header for header, column in zip(table.header, columns, strict=True) if header and column is None]
    if not any(columns):
        records, columns, unread = [table.header, *records], _columns_by_place(table.header), []
    people = [_person(columns, cells) for cells in records]
    if not any(person for person in people):
        raise FileError("no_rows")
    return PeopleTable(list(_with_days(people[:MOST_PEOPLE], order)), unread, max(0, len(people) - MOST_PEOPLE))


def _under_its_header(table: FileTable) -> FileTable:
    """Below a title, if there is one."""
    first = table.first_records(LINES_LOOKED_AT)
    return table.with_header(first[find_header([cells for _line, cells in first], COLUMN_OF)][0])


def _columns_by_place(first: Sequence[str]) -> list[str | None]:
    """Without headers the order is that of the page, but an address is one wherever it stands."""
    if "@" in first[0] and "<" not in first[0]:
        order = ["email", "name", *PLAIN_ORDER[2:]] if len(first) > 1 and not _is_number(first[1]) else ["email"]
    else:
        order = list(PLAIN_ORDER)
    return [order[place] if place < len(order) else None for place in range(len(first))]


def _is_number(text: str) -> bool:
    return bool(re.match(r"[0-9]", text))


def _person(columns: Sequence[str | None], cells: Sequence[str]) -> dict[str, str]:
    found = {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell}
    written = " ".join(found.pop(part) for part in ("first_name", "last_name") if part in found)
    # `Prénom` and `Nom` side by side: the second is then the family's.
    person = {**found, "name": f"{written} {found.get('name', '')}".strip()}
    if "@" in person["name"] and "email" not in person:
        person["name"], person["email"] = parseaddr(person["name"])
    if not person["name"]:
        person["name"] = _name_in(person.get("email", ""))
    if role := ROLES.get(normalise(person.get("role", ""))):
        person["role"] = role.value
    return person if any(found.values()) or written else {}


def _name_in(email: str) -> str:
    """`Inès Aubry` out of `ines.aubry@…`, for the person who fills this in to mend."""
    return " ".join(part.capitalize() for part in re.split(r"[._-]+", email.partition("@")[0]) if part)


def _with_days(people: Iterable[dict[str, str]], order: DayOrder) -> Iterable[dict[str, str]]:
    """Days as the fields want them. What is no day stays as it was written, and the field says so."""
    rows = [person for person in people if person]
    for column in DAYS:
        days = DateColumn()
        for person in rows:
            days.add(person.get(column, ""))
        for person in rows:
            if written := person.get(column):
                person[column] = _day(written, days.day_order or order)
    return rows


def _day(written: str, order: DayOrder) -> str:
    try:
        return parse_date(written, order).isoformat()
    except DateError:
        return written
