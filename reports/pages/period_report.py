"""A period as the dashboard and the Monday e-mail show it: read once, then arranged, in no language yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from campaigns.models import Agency, Lead, Platform
from core.weeks import Week
from reports.figures.data_quality import Missing, missing
from reports.figures.period_figures import PeriodFigures, read_period
from reports.figures.query import Period, ReportFilters
from reports.models import Flag
from reports.pages.platform_rows import PlatformRows, platform_rows
from reports.pages.trial_page import TrialLine, open_trials
from reports.verdicts.next_steps import NextSteps, next_steps
from reports.verdicts.records import StoredVerdict, flags_standing_in, latest_of, recent_verdicts
from reports.verdicts.weekly_changes import Change, changes_among


@dataclass(frozen=True)
class PeriodReport:
    """What there is to show of a period by the end of ``last_complete``, the last week that is over.

    ``figures`` and ``verdicts`` are what was read; ``changes`` are those of the last week, ``missing`` is what the
    figures lack, ``flags`` those that stand or were cleared since, ``next_steps`` what would let platforms be judged,
    ``trials`` those that run or are planned, by platform. Whoever arranges or words a part of a page or of
    the e-mail takes it from here.
    """

    agency: Agency
    last_complete: Week
    figures: PeriodFigures
    verdicts: Mapping[int, StoredVerdict]
    changes: Sequence[Change]
    missing: Missing
    next_steps: NextSteps
    trials: Mapping[int, TrialLine]
    flags: Sequence[Flag]

    @property
    def period(self) -> Period:
        return self.figures.period

    @property
    def filters(self) -> ReportFilters:
        return self.figures.filters

    @property
    def newest_verdict(self) -> StoredVerdict | None:
        """The newest of the verdicts in the table, for when it was spoken and on what."""
        return max(
            (row.verdict for row in self.rows.platforms if row.verdict), key=lambda verdict: verdict.week, default=None
        )

    @cached_property
    def rows(self) -> PlatformRows:
        return platform_rows(self.figures, self.verdicts, margin=self.agency.margin, trials=self.trials)


def read_report(
    period: Period,
    filters: ReportFilters,
    *,
    agency: Agency,
    last_complete: Week,
    platforms: Sequence[Platform] | None = None,
    won_without_sale: int | None = None,
    compares: bool = True,
) -> PeriodReport:
    """Read all of it; the number of queries does not depend on how much was logged.

    `platforms` are all of them and `won_without_sale` is how many leads are, where the caller has read that. Who shows
    nothing of the period before does not compare with it.
    """
    figures = read_period(period, filters, platforms, compares=compares)
    verdicts = recent_verdicts(last_complete)
    latest = latest_of(verdicts)
    won = Lead.objects.won_without_sale().count() if won_without_sale is None else won_without_sale
    steps = next_steps(latest.values(), agency=agency, won_without_sale=won)
    lacking = missing(last_complete, figures, agency=agency, won_without_sale=won)
    flags = flags_standing_in(last_complete)
    return PeriodReport(
        agency=agency,
        last_complete=last_complete,
        figures=figures,
        verdicts=latest,
        changes=changes_among(verdicts, flags, last_complete, latest),
        # Said once: among the steps while no platform can be judged.
        missing=replace(lacking, won_without_sale=0) if steps else lacking,
        next_steps=steps,
        trials=open_trials(last_complete.next),
        flags=flags,
    )
