"""The one thing to do about a platform, in a few words and with the page where it is done."""

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import money
from core.templatetags.retour import limit
from reports.figures.formatting import cash, hours, in_100, per_unit
from reports.pages.platform_rows import PlatformRow
from reports.pages.trial_page import TrialLine
from reports.statistics.results import Assessment
from reports.statistics.states import UNJUDGED, VerdictState
from reports.verdicts.advice import HoursAdvice
from reports.verdicts.wording.evidence import is_usual_sale_unknown
from reports.verdicts.wording.parts import ENOUGH, up_to
from reports.verdicts.wording.response_curve import cash_range


@dataclass(frozen=True)
class NextAction:
    """What to do; `path` is empty where there is nothing to open."""

    words: str
    path: str = ""


@dataclass(frozen=True)
class Recommendation:
    """The change of hours that brings most of those that are sure to bring something, for the top of the page."""

    row: PlatformRow
    advice: HoursAdvice

    @property
    def hours_then(self) -> str:
        return hours(self.advice.hours_then * 60)

    @property
    def _other_hours(self) -> int:
        """Whole hours a week of the platform's other work, which the advice leaves as it is."""
        return math.ceil(Fraction(self.row.beside.minutes, 60 * self.row.weeks))

    @property
    def _limit_hours(self) -> int:
        """A weekly limit counts all work on a platform (docs/adr/0025)."""
        return self.advice.hours_then + self._other_hours

    @property
    def limit(self) -> str:
        return hours(self._limit_hours * 60)

    @property
    def limit_sum(self) -> str:
        """`60 h (34+26)`: the hours that are advised, and those of the platform's other work."""
        return f"{self.limit} ({self.advice.hours_then}+{self._other_hours})" if self._other_hours else self.limit

    @property
    def sentence(self) -> SafeString:
        """What to do and what that saves or brings, with the figures in bold."""
        pattern = (
            _(
                "Take <b>{name} from {now} to {then} a week</b>. That saves about <b>{gain} a week</b>, after about"
                " {leads} leads a month that it gives up."
            )
            if self.advice.is_fewer
            else _(
                "Take <b>{name} from {now} to {then} a week</b>. That brings about <b>{gain} a week</b> more than it"
                " costs, by about {leads} more leads a month."
            )
        )
        return format_html(
            pattern,
            name=self.row.label,
            now=money.format_number(self.advice.hours_now),
            then=self.hours_then,
            gain=cash(self.advice.gain_cents.value),
            leads=self._leads_a_month,
        )

    @property
    def as_text(self) -> str:
        return html.unescape(strip_tags(self.sentence))

    @property
    def _leads_a_month(self) -> str:
        """In four weeks, with a decimal below ten."""
        leads = self.advice.leads.value * 4
        return money.format_number(Fraction(leads), digits=1 if leads < 9.95 else 0)

    @property
    def reasons(self) -> list[str]:
        """How sure it is, and what it rests on."""
        return [self.likely, *self.grounds]

    @property
    def likely(self) -> str:
        return _("Likely %(range)s; %(chance)s that it brings anything.") % {
            "range": cash_range(self.advice.gain_cents),
            "chance": in_100(self.advice.chance),
        }

    @property
    def grounds(self) -> list[str]:
        """What a limit has to leave room for, and what the next hour brings."""
        advice = self.advice
        said = [self._limit_words] if self._other_hours else []
        if advice.next_hour is None:
            return said
        following = _("The next %(unit)s spent there brings back %(back)s; the fewest hours tried were %(least)s.") % {
            "unit": money.one_unit(),
            "back": per_unit(advice.next_hour.value),
            "least": hours(round(advice.least_hours * 60)),
        }
        return [*said, following]

    @property
    def _limit_words(self) -> str:
        """What a limit has to leave room for."""
        return _("A limit counts all work there: %(limit)s, with %(other)s that keep and serve customers.") % {
            "limit": self.limit,
            "other": hours(self._other_hours * 60),
        }

    @property
    def limit_path(self) -> str:
        """The platform's form with this limit filled in."""
        assert self.row.key is not None
        query = urlencode({"limit": self._limit_hours})
        return f"{reverse('campaigns:platform_edit', args=[self.row.key])}?{query}"

    @property
    def _is_held_down(self) -> bool:
        """Whether the limit of now is what keeps the hours from being more."""
        case = self.row.verdict.case if self.row.verdict else None
        in_force = case.evidence.weekly_limit_minutes if case else None
        return in_force is not None and in_force < self._limit_hours * 60

    @property
    def trial_path(self) -> str:
        """The form that tries this limit; empty where one is tried already, or no limit would bring the hours about."""
        assert self.row.key is not None
        if self.row.trial or not (self.advice.is_fewer or self._is_held_down):
            return ""
        query = urlencode({"limit": self._limit_hours})
        return f"{reverse('reports:limit_trial_add', args=[self.row.key])}?{query}"

    @property
    def explanation_path(self) -> str:
        return advice_path(self.row)


def recommendation(rows: Iterable[PlatformRow]) -> Recommendation | None:
    """The week's one recommendation; None where no platform's evidence carries any."""
    known = [Recommendation(row, row.advice) for row in rows if row.advice and row.advice.is_sure]
    return max(known, key=lambda each: each.advice.gain_cents.value, default=None)


def next_action(row: PlatformRow) -> NextAction:
    """The most pressing thing to do about one platform."""
    verdict = row.verdict
    assessment = verdict.assessment if verdict else None
    if verdict and verdict.case and verdict.case.judgement.over_limit_minutes > 0:
        over = hours(verdict.case.judgement.over_limit_minutes)
        return NextAction(_("Last week %(hours)s above its limit") % {"hours": over}, reverse("reports:flags"))
    if row.trial:
        return _trial_action(row.trial)
    if verdict is None or assessment is None:
        return NextAction("")
    if assessment.state in UNJUDGED:
        return _until_it_is_judged(row, assessment)
    if row.advice:
        return NextAction(_advice_words(row.advice), advice_path(row))
    if assessment.state == VerdictState.LOSING:
        return NextAction(_("Fewer hours; how few is not known yet"), advice_path(row))
    return NextAction(_("Keep"))


def _trial_action(line: TrialLine) -> NextAction:
    words = {"limit": limit(line.trial.limit_minutes), "status": line.status}
    return NextAction(_("Trial of %(limit)s: %(status)s") % words, line.trial.get_absolute_url())


def _until_it_is_judged(row: PlatformRow, assessment: Assessment) -> NextAction:
    if assessment.state == VerdictState.NO_SALES:
        return NextAction(_("Record its sales"), reverse("campaigns:sales"))
    if assessment.now is None and is_usual_sale_unknown(assessment):
        return NextAction(_("Say what a usual sale brings"), reverse("campaigns:settings") + "#id_typical_sale_cents")
    now = assessment.now
    if now is None or not now.usual_sale_cents or now.amount >= ENOUGH:
        return NextAction(_("Keep"))
    more = up_to(10_000, (ENOUGH - now.amount) * now.usual_sale_cents)
    return NextAction(_("Keep: %(amount)s more will tell") % {"amount": cash(more)})


def _advice_words(advice: HoursAdvice) -> str:
    changed, gain = hours(advice.hours_changed * 60), cash(advice.gain_cents.value)
    if advice.is_fewer:
        pattern = _("−%(hours)s: saves %(gain)s a week") if advice.is_sure else _("−%(hours)s may save %(gain)s a week")
    else:
        pattern = _("+%(hours)s: brings %(gain)s a week") if advice.is_sure else _("+%(hours)s may pay: try it")
    return pattern % {"hours": changed, "gain": gain}


def advice_path(row: PlatformRow) -> str:
    """Where the platform's page tells at how many hours the next one stops paying."""
    assert row.key is not None
    path = reverse("reports:platform", args=[row.key])
    advice = row.advice
    query = f"?{urlencode({'fewer': advice.hours_changed})}" if advice and advice.is_fewer else ""
    return f"{path}{query}#next-hour"
