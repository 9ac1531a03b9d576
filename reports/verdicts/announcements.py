"""Telling the webhooks of directors that a platform is judged otherwise than before."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Agency, EventKind, Platform
from campaigns.webhooks import events
from core import money
from core.weeks import Week
from reports.statistics.states import VerdictState
from reports.verdicts.case import Case
from reports.verdicts.records import JUDGED
from reports.verdicts.wording import STATE_WORDS, clause


def tell_changes(before: Mapping[int, str], cases: Mapping[Platform, Case], week: Week, *, at: datetime) -> None:
    """One event for each platform that was judged before and is judged otherwise now."""
    for platform, case in cases.items():
        was = before.get(platform.pk, "")
        if {was, case.state} <= JUDGED and was != case.state:
            _tell(platform, VerdictState(was), case, week, at=at)


def _tell(platform: Platform, was: VerdictState, case: Case, week: Week, *, at: datetime) -> None:
    data = {"platform": platform.name, "week": str(week), "before": was.value, "after": case.state.value}
    url = f"{settings.SITE_URL}{reverse('reports:platform', args=[platform.pk])}"
    events.emit(EventKind.VERDICT_CHANGED, lambda: {**data, "text": _words(platform, was, case), "url": url}, at=at)


def _words(platform: Platform, was: VerdictState, case: Case) -> str:
    agency = Agency.current()
    with money.localised(language=agency.language, country=agency.country, currency=agency.currency):
        return _("%(platform)s: %(after)s, before: %(before)s. %(clause)s") % {
            "platform": platform,
            "after": STATE_WORDS[case.state],
            "before": STATE_WORDS[was],
            "clause": clause(case),
        }
