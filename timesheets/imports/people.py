"""Whose hours a file brings."""

from datetime import date
from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.name_resolution import AMBIGUOUS, Directory, Name
from campaigns.models.catalogue import normalise
from timesheets.models import PersonAlias, User

LONGEST_EMAIL = 254


class People(Directory):
    """The people of the agency, by e-mail address, alias, or name where only one has it."""

    model = User
    url_name = "timesheets:people_names"

    @cached_property
    def there(self) -> dict[int, tuple[date, date | None]]:
        """When each person joined and left."""
        return {pk: (joined, left) for pk, joined, left in User.objects.values_list("pk", "joined_on", "left_on")}

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(person.email, f"{person.name} · {person.email}") for person in User.objects.all()]

    @classmethod
    def load(cls, mapping: ColumnMapping, *, creating: bool) -> "People":
        known: dict[str, int] = {}
        for pk, name in User.objects.values_list("pk", "name"):
            folded = normalise(name)
            known[folded] = AMBIGUOUS if folded in known else pk
        known |= {normalise(email): pk for pk, email in User.objects.values_list("pk", "email")}
        aliases = dict(PersonAlias.objects.values_list("text", "person_id"))
        return cls("person", known, aliases, mapping, creating)

    def find_person(self, email: str, name: str, *, line: int) -> int | None:
        """The person with this e-mail address, or with this name when the file has no addresses."""
        if email and name:
            self.labels.setdefault(normalise(email), name)
        return self.find(email or name, line=line)

    def cannot_make(self, name: str) -> str:
        if not name:
            return "blank"
        try:
            validate_email(name)
        except ValidationError:
            return "no_email"
        return "" if len(name) <= LONGEST_EMAIL else "no_email"

    def make(self, name: Name) -> int:
        email = name.target.strip()
        full_name = self.label(email) or email.partition("@")[0]
        return User.objects.create_user(email, name=full_name[:120]).pk

    def remember(self, text: str, identity: int) -> None:
        PersonAlias.objects.get_or_create(text=text[:160], defaults={"person_id": identity})
