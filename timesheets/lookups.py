"""People as a field names them once they are many (core/lookups.py)."""

from django.db.models import Model

from core.access import STEERING
from core.lookup_views import suggestions
from core.lookups import SEPARATOR, Lookup, Options, are_many, latest
from timesheets.models import User


def people_options() -> Options:
    """Everybody by name; once they are many with the address, which tells those of the same name apart."""
    rows = list(User.objects.values_list("pk", "name", "email"))
    if are_many(rows):
        return [(pk, f"{name}{SEPARATOR}{email}") for pk, name, email in rows]
    return [(pk, name) for pk, name, _email in rows]


def by_person(used_in: type[Model]) -> Lookup:
    """`used_in`: a table that says who did something."""
    return Lookup("timesheets:people_names", latest(used_in, "by"))


people_names = suggestions(people_options, *STEERING)
