"""The weekly summary: what one week's e-mail says, in one language. Knows nothing of sending.

It words the same report as the dashboard, so that the two can never differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import css_inline
from babel.dates import format_date, format_interval
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Agency
from core import money
from core.weeks import Week
from reports.figures.data_quality import missing_items
from reports.figures.formatting import cash, for_each_unit, hours, known_cost, per_unit
from reports.figures.query import Period, ReportFilters
from reports.figures.totals import Figures
from reports.models import BUDGETS_OF_MANAGERS
from reports.pages.dashboard_headline import dashboard_headline, in_a_row
from reports.pages.figure_links import FigureLinks
from reports.pages.next_action import next_action, recommendation
from reports.pages.period_report import PeriodReport, read_report
from reports.pages.platform_rows import PlatformRow
from reports.statistics.states import VerdictState
from reports.verdicts.budget_flags import BudgetAlert, open_alerts
from reports.verdicts.weekly_changes import Change
from reports.verdicts.wording import STATE_WORDS

PLATFORMS_SHOWN = 5
MOST_LINES = 25  # of platforms, of changes and of alerts: mail programs cut a longer e-mail off
NAME_IN_SUBJECT = 40
SUBJECT_LENGTH = 180
# A word of a platform's name that is longer may be broken on a phone.
LONGEST_WORD = 14
# Marks that every mail program has a glyph for; the word stands beside them.
MARKS = {
    VerdictState.LOSING: "▼",
    VerdictState.WATCH: "◆",
    VerdictState.EARNING: "▲",
    VerdictState.INSUFFICIENT: "○",
    VerdictState.TOO_EARLY: "◷",
    VerdictState.NO_DATA: "–",
    VerdictState.NO_SALES: "□",
}
# Width of the bar in pixels, and of the part of it that stands for 1 back per 1: the dashboard's proportions.
BAR_WIDTH, EVEN_WIDTH = 80, 32


@dataclass(frozen=True)
class Review:
    """The report of the weeks up to `week` as the e-mail looks at it, in no language yet."""

    report: PeriodReport
    alerts: Sequence[BudgetAlert] = ()

    @property
    def agency(self) -> Agency:
        return self.report.agency

    @property
    def week(self) -> Week:
        return self.report.last_complete

    @property
    def losing(self) -> list[PlatformRow]:
        return [row for row in self.platforms if row.state == VerdictState.LOSING]

    @property
    def judged_until(self) -> date | None:
        """The last day whose figures the verdicts know; None when nothing was ever judged, or no sale is recorded."""
        newest = self.report.newest_verdict
        return newest.week.sunday if newest and not self.report.rows.total.is_unsold else None

    @property
    def platforms(self) -> list[PlatformRow]:
        """Every platform, losses first, the others by what they brought."""
        return sorted(self.report.rows.platforms, key=_losses_first)

    @property
    def shown(self) -> list[PlatformRow]:
        """The platforms with a line of their own: the first five, the best, and those above their weekly limit."""
        ordered = self.platforms
        best = min(ordered, key=lambda row: row.loss_cents, default=None)
        chosen = [
            row for number, row in enumerate(ordered) if number < PLATFORMS_SHOWN or row is best or _is_over_limit(row)
        ]
        return chosen[:MOST_LINES]


@dataclass(frozen=True)
class Letter:
    """One language's e-mail: a subject of one line, and the same content as text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Rewriting:
    """When a summary is written anew, and why: a wrong clock had sent it too early, or an outage skipped it."""

    day: date
    was_early: bool

    @property
    def sentence(self) -> str:
        said = (
            _("Written on %(day)s. It takes the place of the one that was sent before this week was over.")
            if self.was_early
            else _("Written on %(day)s: this summary was not sent when it was due.")
        )
        return said % {"day": format_date(self.day, "long", locale=money.current_locale())}


@dataclass(frozen=True)
class Bar:
    """A return as cells of a table, in pixels that add up to its width: the break-even line stands in the middle."""

    blank: int
    loss: int
    gain: int
    rest: int


def look_back(week: Week) -> Review:
    """Gather what the summary of this week says, under the agency's attribution model and window."""
    agency = Agency.current()
    period = Period.ending(week, agency.window_weeks)
    filters = ReportFilters(model=agency.credit_model)
    alerts = open_alerts(week, agency, unanswered_on=week.next.monday)
    return Review(read_report(period, filters, agency=agency, last_complete=week), alerts)


def _losses_first(line: PlatformRow) -> tuple[int, int]:
    rank = {VerdictState.LOSING.value: 0, VerdictState.WATCH.value: 1}.get(line.state, 2)
    return rank, -line.loss_cents if rank < 2 else -line.figures.revenue_cents


def _is_over_limit(row: PlatformRow) -> bool:
    return bool(row.verdict and row.verdict.case and row.verdict.case.judgement.over_limit_minutes > 0)


def write(
    review: Review,
    *,
    language: str,
    unsubscribe_url: str = "",
    rewriting: Rewriting | None = None,
    is_directors: bool = True,
) -> Letter:
    """Write the review as an e-mail in this language, with the agency's money; one that is late says so.

    Alerts of what campaigns cost are told to directors alone, not to a partner outside (docs/adr/0034).
    """
    agency = review.agency
    with money.localised(language=language, country=agency.country, currency=agency.currency):
        alerts = [alert for alert in review.alerts if is_directors or alert.flag.kind in BUDGETS_OF_MANAGERS]
        context = _context(review, unsubscribe_url) | {
            "rewritten": rewriting.sentence if rewriting else "",
            "alerts": alerts[:MOST_LINES],
            "more_alerts": _and_more(alerts),
        }
        html = render_to_string("emails/summary.html", context)
        return Letter(
            subject=one_line(_subject(review))[:SUBJECT_LENGTH],
            text=render_to_string("emails/summary.txt", context),
            html=_inlined(html),
        )


def opening(review: Review) -> str:
    """The subject and the headline, in the agency's language."""
    agency, report = review.agency, review.report
    with money.localised(language=agency.language, country=agency.country, currency=agency.currency):
        headline = dashboard_headline(report, FigureLinks.of_period(report.period, site=settings.SITE_URL))
        return f"{one_line(_subject(review))}. {headline.as_text}"


def _inlined(html: str) -> str:
    """Put the style into the elements; what stays in <style> is what an attribute cannot say: the phone, the dark."""
    inlined = css_inline.inline(html, keep_at_rules=True, load_remote_stylesheets=False)
    # First of all, because readers look for it only in the first kilobyte, and the style that stays comes before.
    return str(inlined).replace("<head>", '<head><meta charset="utf-8">', 1)


def _context(review: Review, unsubscribe_url: str) -> dict[str, Any]:
    report, shown = review.report, review.shown
    rest = [row for row in review.platforms if row not in shown]
    recommended = recommendation(report.rows.platforms)
    return {
        "agency": review.agency,
        "language": money.current_locale().language,
        "week_words": _week_words(review.week),
        "weeks": report.period.weeks,
        "headline": dashboard_headline(report, FigureLinks.of_period(report.period, site=settings.SITE_URL)),
        "last_week": _last_week(report),
        "judged_until": review.judged_until,
        "recommended": recommended,
        "rows": [_row(line) for line in shown],
        "others": _others(report.rows.total, rest),
        "unattributed": None if report.rows.unattributed.figures.is_empty else report.rows.unattributed,
        "keeping": None if report.rows.keeping.figures.is_empty else report.rows.keeping,
        "total": report.rows.total,
        "unit": money.one_unit(),
        "changes": [
            {"sentence": change.sentence, "path": _change_path(change)} for change in report.changes[:MOST_LINES]
        ],
        "more_changes": _and_more(report.changes),
        "next_steps": report.next_steps,
        "site_url": settings.SITE_URL,
        "missing": missing_items(report.missing),
        "dashboard_url": settings.SITE_URL + "/",
        "unsubscribe_url": unsubscribe_url,
    }


def _row(line: PlatformRow) -> dict[str, Any]:
    state = VerdictState(line.state)
    return {
        "line": line,
        "path": reverse("reports:platform", args=[line.key]),
        "is_long": any(len(word) > LONGEST_WORD for word in line.label.split()),
        "state": state.value,
        "mark": MARKS[state],
        "word": STATE_WORDS[state],
        "back": per_unit(line.in_the_end.value) if line.in_the_end else money.NO_FIGURE,
        "bar": None if line.in_the_end is None else bar(line.in_the_end.value),
        "clause": line.verdict.clause if line.verdict else "",
        "plain": line.verdict.disagreeing_words if line.verdict else "",
        "action": next_action(line),
    }


def _and_more(lines: Sequence[Any]) -> str:
    """That there are more lines than the e-mail has, and where; nothing when all are in it."""
    left = max(0, len(lines) - MOST_LINES)
    words = ngettext("%(count)s more is on the dashboard.", "%(count)s more are on the dashboard.", left)
    return words % {"count": left} if left else ""


def _change_path(change: Change) -> str:
    """Where what changed is told in full; a share of own-brand hours is of no platform."""
    return reverse("reports:platform", args=[change.platform.pk]) if change.platform else reverse("reports:flags")


def _others(total: PlatformRow, rest: Sequence[PlatformRow]) -> dict[str, Any] | None:
    """The platforms that are not shown, as one line, so that what is shown adds up."""
    if not rest:
        return None
    figures = Figures.total(line.figures for line in rest)
    return {"count": len(rest), "line": replace(total, figures=figures)}


def bar(returned: float) -> Bar:
    """Lay a return per 1 out in pixels: a loss grows left from the break-even line, a gain to its right."""
    reach = max(0, min(BAR_WIDTH, round(returned * EVEN_WIDTH)))
    if returned < 1:
        return Bar(blank=reach, loss=EVEN_WIDTH - reach, gain=0, rest=BAR_WIDTH - EVEN_WIDTH)
    return Bar(blank=EVEN_WIDTH, loss=0, gain=reach - EVEN_WIDTH, rest=BAR_WIDTH - reach)


# -- words ------------------------------------------------------------------------------------------------------------


def _week_words(week: Week) -> str:
    days = format_interval(week.monday, week.sunday, "yMMMd", locale=money.current_locale())
    return _("week %(number)s, %(days)s") % {"number": _number(week), "days": days}


def _last_week(report: PeriodReport) -> str:
    figures = report.figures.of_week(report.last_complete.monday)
    leads, sales = (int(money.to_decimal(count, 0)) for count in (figures.leads, figures.sales))
    return _("Last week alone: %(hours)s (%(before)s the week before) at a cost of %(cost)s; %(came)s.") % {
        "hours": hours(figures.minutes),
        "before": hours(_week_before(report).minutes),
        "cost": known_cost(figures),
        "came": ", ".join(
            (
                ngettext("%(count)s lead", "%(count)s leads", leads) % {"count": money.format_number(leads)},
                ngettext("%(count)s sale", "%(count)s sales", sales) % {"count": money.format_number(sales)},
                cash(figures.revenue_cents),
            )
        ),
    }


def _week_before(report: PeriodReport) -> Figures:
    """The figures of the week before the last; a window of one week has it as the period before."""
    if report.period.weeks == 1:
        return report.rows.total.before
    return report.figures.of_week(report.last_complete.previous.monday)


def _number(week: Week) -> int:
    return week.monday.isocalendar().week


def _subject(review: Review) -> str:
    return _("Week %(number)s: %(result)s") % {"number": _number(review.week), "result": _result(review)}


def _result(review: Review) -> str:
    total = review.report.rows.total
    if total.is_unsold:
        return _("no sales recorded yet")
    if total.returned is None:
        return _("no cost and no return yet") if total.figures.is_empty else _("no cost to judge by")
    parts = {"back": for_each_unit(total.returned), "losing": _losing_words(review)}
    return _("%(back)s, %(losing)s") % parts


def _losing_words(review: Review) -> str:
    losing = review.losing
    if not losing:
        return _("no platform is losing")
    if len(losing) > 2:
        return _("%(count)s platforms are losing") % {"count": len(losing)}
    names = [_short(line.label) for line in losing]
    return ngettext("%(platforms)s is losing", "%(platforms)s are losing", len(names)) % {"platforms": in_a_row(names)}


def _short(name: str) -> str:
    return name if len(name) <= NAME_IN_SUBJECT else name[: NAME_IN_SUBJECT - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """The text without line breaks and what cannot be seen: safe as the header of an e-mail."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split(" ")).strip()
