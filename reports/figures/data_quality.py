"""What the figures lack: weeks not submitted, hours without a rate, money without an origin, sales that look wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.attribution import MILLION
from campaigns.models import Agency, Lead, Sale
from core import money
from core.statements import Given, Statement
from core.week_names import week_name
from core.weeks import Week
from reports.figures.formatting import cash, hours
from reports.figures.period_figures import PeriodFigures
from reports.figures.query import Period
from timesheets import missing_hours
from timesheets.missing_hours import UnratedHours

ODD_TIMES_MEDIAN = 50
ODD_SHOWN = 10
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Missing:
    """What the figures of a period lack.

    `not_submitted` names those who were to submit `week` and have not. `uncosted` have hours in the period on days
    without a rate. `unattributed_share` is the part of the revenue that no platform is credited with, None without
    revenue. `odd_sales` are more than 50 times the median sale.
    """

    week: Week
    not_submitted: Sequence[str]
    uncosted: Sequence[UnratedHours]
    unattributed_share: Fraction | None
    unattributed_sales_share: Fraction | None
    unattributed_cents: int
    leads_without_platform_millionths: int
    won_without_sale: int
    odd_sales: Sequence[Sale]
    median_sale_cents: int

    @property
    def is_empty(self) -> bool:
        return not missing_items(self)

    @property
    def leads_without_platform(self) -> Fraction:
        return Fraction(self.leads_without_platform_millionths, MILLION)

    @property
    def uncosted_minutes(self) -> int:
        return sum(person.minutes for person in self.uncosted)


def missing(
    week: Week, figures: PeriodFigures, *, agency: Agency | None = None, won_without_sale: int | None = None
) -> Missing:
    """Look for what these figures lack, and for who has not submitted `week`.

    `won_without_sale` is how many leads are, where the caller has counted them.
    """
    period, total, nowhere = figures.period, figures.total, figures.unattributed
    median, odd_sales = _median_and_odd_sales(period)
    return Missing(
        week=week,
        not_submitted=missing_hours.missing_names(week, agency=agency),
        uncosted=missing_hours.without_rate(period.first, period.last),
        unattributed_share=_share(nowhere.revenue_cents, total.revenue_cents),
        unattributed_sales_share=_share(nowhere.sales_millionths, total.sales_millionths),
        unattributed_cents=nowhere.revenue_cents,
        leads_without_platform_millionths=nowhere.leads_millionths,
        won_without_sale=Lead.objects.won_without_sale().count() if won_without_sale is None else won_without_sale,
        odd_sales=odd_sales,
        median_sale_cents=int(median),
    )


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole > 0 else None


def _median_and_odd_sales(period: Period) -> tuple[Fraction, list[Sale]]:
    """The median amount in cents, 0 without sales, and the biggest of the sales that are far above it.

    Of sales that count and have a value: no refunds, and no deals whose value is not known yet. One statement, which
    brings the biggest and those in the middle.
    """
    sales = _RANKED.rows(first=period.first.monday, last=period.last.sunday)
    if not sales:
        return Fraction(0), []
    middle = [sale.amount_cents for sale in sales if sale.rank in ((sale.of + 1) // 2, sale.of // 2 + 1)]
    median = Fraction(sum(middle), len(middle))
    return median, [sale for sale in sales[:ODD_SHOWN] if sale.amount_cents > ODD_TIMES_MEDIAN * median]


def _ranked() -> QuerySet[Any, Any]:
    """The biggest sales, and those in the middle, each with its `rank` and of how many it is."""
    ranked = (
        Sale.objects.live()
        .filter(sold_on__gte=Given("first"), sold_on__lte=Given("last"), amount_cents__gt=0)
        .only("amount_cents", "sold_on", "description", "external_id")
        .annotate(
            rank=Window(RowNumber(), order_by=[F("amount_cents").desc(), "pk"]),
            of=Window(Count("pk")),
        )
    )
    is_middle = Q(rank=(F("of") + 1) / 2) | Q(rank=F("of") / 2 + 1)
    return ranked.filter(Q(rank__lte=ODD_SHOWN) | is_middle).order_by("rank")


_RANKED = Statement(_ranked)


# -- as sentences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MissingItem:
    """One thing that the figures lack, in a sentence, and the page of this site where it is mended.

    `act` and `act_path` are one thing more that can be done about it.
    """

    sentence: str
    path: str
    act: str = ""
    act_path: str = ""


def missing_items(missing: Missing) -> list[MissingItem]:
    """What is missing; nothing when nothing is."""
    candidates = [
        _those_behind(missing),
        MissingItem(_without_rate(missing), rates_path(missing)),
        MissingItem(_won_without_sale(missing), reverse("campaigns:leads") + "?status=won&sale=none"),
        MissingItem(without_origin(missing), f"{reverse('campaigns:leads')}?{urlencode({'platform': 'none'})}"),
        MissingItem(_odd(missing), missing.odd_sales[0].get_absolute_url() if missing.odd_sales else ""),
    ]
    return [item for item in candidates if item.sentence]


def _those_behind(missing: Missing) -> MissingItem:
    """Who has not submitted; a link reminds them, after a question."""
    team = f"{reverse('timesheets:team')}?{urlencode({'week': str(missing.week)})}"
    return MissingItem(
        not_submitted(missing),
        team,
        act=ngettext("Send a reminder", "Remind them", len(missing.not_submitted)),
        act_path=reverse("timesheets:remind_missing", args=[missing.week]),
    )


def rates_path(missing: Missing) -> str:
    """The rates of the one person who has none on some days; the team where there are several."""
    if len(missing.uncosted) == 1:
        return reverse("timesheets:rates", args=[missing.uncosted[0].member_id])
    return reverse("timesheets:team")


def not_submitted(missing: Missing) -> str:
    """The first of their names, in a sentence; nothing where everybody has submitted."""
    names = missing.not_submitted
    if not names:
        return ""
    return ngettext(
        "%(names)s has not submitted week %(week)s.", "%(names)s have not submitted week %(week)s.", len(names)
    ) % {"names": listed(names), "week": week_name(missing.week)}


def _without_rate(missing: Missing) -> str:
    if not missing.uncosted:
        return ""
    return _("%(hours)s of %(names)s have no rate, so the true cost is higher.") % {
        "hours": hours(missing.uncosted_minutes),
        "names": listed([person.name for person in missing.uncosted]),
    }


def _won_without_sale(missing: Missing) -> str:
    count = missing.won_without_sale
    if not count:
        return ""
    return ngettext("%(count)s won lead has no sale.", "%(count)s won leads have no sale.", count) % {
        "count": money.format_number(count)
    }


def without_origin(missing: Missing, *, with_leads: bool = True) -> str:
    """How much of the sales and of the revenue, and how many leads, no platform is credited with."""
    parts = [
        pattern % {"share": _percent(share)}
        for pattern, share in (
            (_("%(share)s of the sales"), missing.unattributed_sales_share),
            (_("%(share)s of the revenue"), missing.unattributed_share),
        )
        if share is not None and share > 0
    ]
    leads = money.to_decimal(missing.leads_without_platform, 0)
    if with_leads and leads:
        parts.append(ngettext("%(count)s lead", "%(count)s leads", int(leads)) % {"count": money.format_number(leads)})
    return _("No origin is known for %(what)s.") % {"what": listed(parts)} if parts else ""


def _percent(share: Fraction) -> str:
    number = money.format_number(share * 100)
    return _("%(number)s %%") % {"number": number if number != "0" else "<1"}


def _odd(missing: Missing) -> str:
    """A sale is told by its day, never by what it is called: the e-mail is kept, and a lead may be erased."""
    if not missing.odd_sales:
        return ""
    first = missing.odd_sales[0]
    if len(missing.odd_sales) == 1:
        return _("The sale of %(amount)s on %(day)s is more than %(times)s times the usual one: is it right?") % {
            "day": format_date(first.sold_on, "d MMM y", locale=money.current_locale()),
            "amount": cash(first.amount_cents),
            "times": ODD_TIMES_MEDIAN,
        }
    return _("%(count)s sales, of up to %(amount)s, are more than %(times)s times the usual one: are they right?") % {
        "count": len(missing.odd_sales),
        "amount": cash(first.amount_cents),
        "times": ODD_TIMES_MEDIAN,
    }


def listed(names: Sequence[str]) -> str:
    """`Marc, Inès and 3 more`, in the reader's language."""
    shown = list(names[:NAMES_SHOWN])
    if more := len(names) - len(shown):
        shown.append(ngettext("%(more)s more", "%(more)s more", more) % {"more": more})
    return str(format_list(shown, locale=money.current_locale()))
