"""What a new agency still has to do before its hours can be judged: a list that ticks itself, read in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Agency, Campaign, JobRun, Lead, Platform, Sale
from core.statements import Given, Statement
from core.templatetags.retour import day
from reports.models import Subscriber
from timesheets.models import CostRate, TimeEntry, User
from timesheets.second_factor import KINDS

BACKUP_JOB = "backup"  # its detail names the last good one


@dataclass(frozen=True)
class FirstStep:
    """One point of the list: what it is, what is known of it, where it is done."""

    title: str
    note: str
    path: str
    is_done: bool


@dataclass(frozen=True)
class FirstSteps:
    """The points in the order in which they are best done."""

    steps: tuple[FirstStep, ...]

    @cached_property
    def left(self) -> int:
        return sum(not step.is_done for step in self.steps)

    @property
    def done(self) -> int:
        return len(self.steps) - self.left

    @property
    def next(self) -> FirstStep | None:
        return next((step for step in self.steps if not step.is_done), None)


def counted(also: Mapping[str, Any] = MappingProxyType({})) -> models.QuerySet[Agency]:
    """The agency's one row, with what the list counts for the person given as `reader`.

    `also` are expressions by name, whose values its reader wants beside it.
    """
    people = User.objects.filter(is_active=True)
    rated = CostRate.objects.filter(member=models.OuterRef("pk"))
    known = {
        "people": people,
        "unrated": people.filter(~models.Exists(rated), logs_hours=True),
        "rates": CostRate.objects.all(),
        "platforms": Platform.objects.active(),
        "own_campaigns": Campaign.objects.filter(is_general=False),
        "subscribers": Subscriber.objects.filter(unsubscribed_at=None),
        "backups": JobRun.objects.filter(name=BACKUP_JOB).exclude(detail=""),
        "second_factors": Authenticator.objects.filter(user=Given("reader"), type__in=KINDS),
    }
    counts = {f"{name}_count": count_of(rows) for name, rows in known.items()}
    # Of what there may be a million, only whether there is any: the dashboard must not wait for a count of it.
    large = {f"has_{name}": models.Exists(rows) for name, rows in _large().items()}
    return Agency.objects.annotate(**counts, **large, **also).order_by("pk")


_COUNTED: Statement[Agency] = Statement(counted)


def with_counts(reader: User, counts: Statement[Agency] = _COUNTED, **values: Any) -> Agency:
    """The agency with what the list counts: no statement more than reading the agency alone."""
    agency = counts.first(reader=reader.pk, **values)
    if agency is None:
        Agency.current()  # an agency that nobody has set up yet gets its row
        agency = counts.rows(reader=reader.pk, **values)[0]
    return agency


def _large() -> dict[str, models.QuerySet[Any]]:
    return {"hours": TimeEntry.objects.all(), "leads": Lead.objects.all(), "sales": Sale.objects.all()}


def count_of(rows: models.QuerySet[Any]) -> Coalesce:
    """How many rows there are: grouped by a constant, a subquery counts them all."""
    alone = rows.order_by().annotate(group=models.Value(1)).values("group")
    return Coalesce(models.Subquery(alone.annotate(count=models.Count("pk")).values("count")), 0)


def steps_of(agency: Any) -> FirstSteps:
    """The list for an agency that `with_counts` read."""
    return FirstSteps((*_of_the_agency(agency), *_of_the_work(agency), *_of_running_it(agency)))


def _of_the_agency(agency: Any) -> tuple[FirstStep, ...]:
    people = agency.people_count
    settings = reverse("campaigns:settings")
    return (
        FirstStep(
            _("People"),
            ngettext("%(count)s person", "%(count)s people", people) % {"count": people}
            if people > 1
            else _("Only you so far. Paste them from a sheet, or add them one by one."),
            reverse("timesheets:add_people"),
            people > 1,
        ),
        FirstStep(
            _("What an hour costs"),
            _rates_note(agency),
            reverse("timesheets:all_rates"),
            agency.rates_count > 0 and not agency.unrated_count,
        ),
        FirstStep(
            _("Platforms"),
            ngettext("%(count)s platform", "%(count)s platforms", agency.platforms_count)
            % {"count": agency.platforms_count},
            reverse("campaigns:platforms"),
            agency.platforms_count > 0,
        ),
        FirstStep(
            _("Campaigns"),
            ngettext("%(count)s campaign", "%(count)s campaigns", agency.own_campaigns_count)
            % {"count": agency.own_campaigns_count}
            if agency.own_campaigns_count
            else _("What the hours are for. Until there are some, everybody logs on the general one."),
            reverse("campaigns:campaign_add"),
            agency.own_campaigns_count > 0,
        ),
        FirstStep(
            _("What a usual customer brings"),
            _("One number. It decides how much must come back before luck is ruled out."),
            f"{settings}#id_typical_sale_cents",
            agency.typical_sale_cents is not None,
        ),
    )


def _rates_note(agency: Any) -> str:
    if unrated := agency.unrated_count:
        sentence = ngettext("%(count)s person has no rate yet.", "%(count)s people have no rate yet.", unrated)
        return sentence % {"count": unrated}
    return _("Everybody who logs hours has a rate.") if agency.rates_count else _("Nobody has a rate yet.")


def _of_the_work(agency: Any) -> tuple[FirstStep, ...]:
    return (
        FirstStep(
            _("First hours"),
            _("Some are here.")
            if agency.has_hours
            else _("Everyone logs the week, or you import the hours of your tracker."),
            reverse("timesheets:this_week" if agency.has_hours else "campaigns:imports"),
            agency.has_hours,
        ),
        FirstStep(
            _("Leads"),
            _("Some are here.")
            if agency.has_leads
            else _("Who asked, and where they were met: by hand, or from your CRM."),
            reverse("campaigns:leads" if agency.has_leads else "campaigns:imports"),
            agency.has_leads,
        ),
        FirstStep(
            _("Sales: since when are they all here?"),
            _sales_note(agency),
            f"{reverse('campaigns:settings')}#id_sales_complete_since",
            _knows_sales(agency),
        ),
    )


def _sales_note(agency: Any) -> str:
    if agency.has_sales:
        return _("Some are here.")
    if since := agency.sales_complete_since:
        return _("None yet; complete since %(day)s") % {"day": day(since)}
    return _("Until there is a sale, or a day from which on all are here, nobody is judged.")


def _knows_sales(agency: Any) -> bool:
    return bool(agency.has_sales or agency.sales_complete_since)


def _of_running_it(agency: Any) -> tuple[FirstStep, ...]:
    return (
        FirstStep(
            _("Who gets the weekly e-mail"),
            ngettext("%(count)s subscriber", "%(count)s subscribers", agency.subscribers_count)
            % {"count": agency.subscribers_count},
            reverse("reports:subscribers"),
            agency.subscribers_count > 0,
        ),
        FirstStep(
            _("A backup"),
            _("One was taken.") if agency.backups_count else _("None was taken so far."),
            reverse("operations:jobs"),
            agency.backups_count > 0,
        ),
        FirstStep(
            _("Your second factor"),
            _("Whoever has your password sees what everybody costs, unless a code or a passkey is needed too."),
            reverse("mfa_index"),
            agency.second_factors_count > 0,
        ),
    )
