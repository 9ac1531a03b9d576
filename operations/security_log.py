"""Security events in the words of the page that lists them."""

from collections.abc import Callable, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import SecurityEvent
from core.access import Role
from core.lists import Filter, Listing, by_field
from timesheets.lookups import by_person, people_options

Kind = SecurityEvent.Kind


def of_person(rows: QuerySet, value: str) -> QuerySet:
    """What they did, and what was done about them."""
    return rows.filter(Q(by=value) | Q(person=value))


EVENTS = Listing(
    title=gettext_lazy("Security"),
    sorts={"at": ["at"]},
    default="-at",
    filters=[
        Filter("what", gettext_lazy("What"), lambda: Kind.choices, by_field("kind")),
        Filter("person", gettext_lazy("Person"), people_options, of_person, lookup=by_person(SecurityEvent)),
    ],
)

REASONS = {
    "password": gettext_lazy("wrong password"),
    "too many": gettext_lazy("too many wrong passwords"),
    "code": gettext_lazy("wrong code of the second factor"),
    "closed": gettext_lazy("the account is closed"),
    "single sign-on": gettext_lazy("single sign-on did not let them in"),
}
FILES = {
    "leads": gettext_lazy("leads"),
    "touches": gettext_lazy("touchpoints"),
    "sales": gettext_lazy("sales"),
    "spend": gettext_lazy("spend"),
    "outcomes": gettext_lazy("outcomes"),
    "hours": gettext_lazy("hours of the team"),
    "figures": gettext_lazy("figures"),
    "rows": gettext_lazy("rows behind a figure"),
    "person": gettext_lazy("all that is held on a person"),
    "lead": gettext_lazy("all that is held on lead %(number)s"),
}
TOKENS = {"token": gettext_lazy("token %(number)s")}
ERASED = {"lead": gettext_lazy("lead %(number)s"), "person": pgettext_lazy("erased", "a person")}


def role_change(detail: str) -> str:
    """`Member → Director`; the new role alone for somebody who was added with it."""
    before, _arrow, after = detail.partition(">")
    labels: dict[str, str] = {str(value): str(label) for value, label in Role.choices}
    return " → ".join(labels[role] for role in (before, after) if role in labels)


def numbered(words: Mapping[str, object]) -> Callable[[str], str]:
    """A word of ours, with the number that stands after it."""

    def say(detail: str) -> str:
        name, _space, number = detail.partition(" ")
        return str(words.get(name, "")) % {"number": number}

    return say


SAYERS: dict[str, Callable[[str], str]] = {
    Kind.NOT_SIGNED_IN: lambda detail: str(REASONS.get(detail, "")),
    Kind.REFUSED: lambda detail: detail,
    Kind.ROLE: role_change,
    Kind.EXPORTED: numbered(FILES),
    Kind.ERASED: numbered(ERASED),
    Kind.TOKEN_MADE: numbered(TOKENS),
    Kind.TOKEN_REVOKED: numbered(TOKENS),
}


def in_words(event: SecurityEvent) -> str:
    """What more there is to say of an event; "" for nothing, as of a rate."""
    say = SAYERS.get(event.kind)
    return say(event.detail) if say else ""


def doer(event: SecurityEvent) -> str:
    """Who did it; of those at the door nobody knows."""
    if event.by is not None:
        return str(event.by)
    return _("Somebody at the sign-in") if event.kind == Kind.NOT_SIGNED_IN else _("A command")
