"""The clicks of links as an outcome: how often the links of a platform and campaign were followed in a week."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from campaigns.models import Agency, LinkClicks, Outcome, TrackingLink
from core.weeks import Week

MEASURE = gettext_noop("Clicks on links")


def bring_up_to_date(clicks: Iterable[tuple[int, date]]) -> None:
    """Count the weeks of these links and days anew; a count that somebody voided stays voided."""
    days = {(link_id, Week.containing(day)) for link_id, day in clicks}
    links = TrackingLink.objects.in_bulk({link_id for link_id, _week in days})
    places = {
        (links[link_id].platform_id, links[link_id].campaign_id, week) for link_id, week in days if link_id in links
    }
    for platform_id, campaign_id, week in sorted(places, key=lambda place: (place[0], place[1], place[2].monday)):
        _count(platform_id, campaign_id, week)


def _count(platform_id: int, campaign_id: int, week: Week) -> None:
    place = {"platform_id": platform_id, "campaign_id": campaign_id, "week": week.monday}
    rows = Outcome.objects.filter(**place, measure__in=measures())
    if not rows.exists():
        measure = Agency.translate(gettext_lazy(MEASURE))
        Outcome.objects.bulk_create([Outcome(**place, measure=measure, count=0)], ignore_conflicts=True)
    # Another worker may be adding to the same week: held until then, the row gets the sum of both.
    list(rows.live().select_for_update())
    followed = LinkClicks.objects.filter(link__platform=platform_id, link__campaign=campaign_id)
    total = followed.filter(day__range=(week.monday, week.sunday)).aggregate(total=Sum("count", default=0))["total"]
    rows.live().update(count=total)


def measures() -> set[str]:
    """What the measure is called in each language: the agency may have had another one when the first was counted."""
    names = set()
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            names.add(_(MEASURE))
    return names
