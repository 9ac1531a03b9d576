"""What runs by itself, how that went, what waits, and what failed: for the jobs page and for monitors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import ImportRun, JobRun, Retry, StaleMark
from operations.backup import schedule as backups
from reports.models import SummaryDelivery
from timesheets import reminders
from timesheets.models import Reminder

SWEEP_IS_LATE_AFTER = timedelta(minutes=5)  # it runs every minute
MOST_SHOWN = 20
# Older than this, a failure is history: its own page still shows it.
SHOWN_FOR = timedelta(days=60)

# Each job by its name in `JobRun`, in the order of the page: what to call it, what it does, where its next hour stands.
JOBS: tuple[tuple[str, Promise, Promise, tuple[str, ...]], ...] = (
    ("sweep", _("Sweep"), _("Every minute: looks for what is due."), ()),
    ("imports", _("Imports"), _("Carries on with imports that stand still."), ()),
    ("figures", _("Figures"), _("Counts what has changed."), ()),
    ("evaluate", _("Verdicts"), _("Judges the platforms."), ()),
    ("compare", _("Comparisons"), _("Compares campaigns with the time before them."), ("nightly",)),
    ("budgets", _("Budgets"), _("Holds campaigns’ budgets against what is used of them."), ("nightly",)),
    ("rebuild", _("Nightly check"), _("Computes every figure again and reports what differs."), ("nightly",)),
    ("purge", _("Clean-up"), _("Erases what has been kept long enough."), ("nightly",)),
    ("backup", _("Backup"), _("Each night: writes everything into one file and keeps it by the rule."), ("backup",)),
    ("erasures", _("Log of erasures"), _("Copies who was erased to where the backups go, at once."), ()),
    ("summary", _("Weekly summary"), _("Writes the weekly e-mail for each subscriber."), ("summary",)),
    ("deliveries", _("Sending"), _("Sends the summaries that wait."), ()),
    (
        "reminders",
        _("Reminders"),
        _("Reminds people of weeks they have not submitted."),
        ("reminders-friday", "reminders-monday"),
    ),
    ("notices", _("Notices"), _("Tells directors what waits for their word."), ()),
)
# What a long run does at the moment, by its name in `JobRun.step`.
STEPS: Mapping[str, Promise] = {
    "leads": _("Credits of leads"),
    "sales": _("Credits of sales without a lead"),
    "weeks": _("Weeks of hours, spend and credits"),
}
RETRIED = tuple(name for name, *_told in JOBS if name != "sweep")


# -- jobs -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One job as the page shows it."""

    name: str
    label: Promise
    does: Promise
    run: JobRun | None
    next_due: datetime | None
    at: datetime

    @property
    def finished_at(self) -> datetime | None:
        return self.run.finished_at if self.run else None

    @property
    def took(self) -> timedelta | None:
        """How long the last run took that has ended."""
        if not self.run or not self.run.started_at or not self.run.finished_at:
            return None
        return max(self.run.finished_at - self.run.started_at, timedelta()) if not self._is_open else None

    @property
    def seconds(self) -> Fraction | None:
        return Fraction(round(self.took.total_seconds() * 10), 10) if self.took is not None else None

    @property
    def _is_open(self) -> bool:
        """Whether the last run began and has not ended."""
        run = self.run
        return bool(run and run.started_at and (not run.finished_at or run.finished_at < run.started_at))

    @property
    def is_running(self) -> bool:
        """Whether the last run may still be at work; of one that is backed off nobody waits for a good end."""
        run = self.run
        if not run or not run.started_at or run.is_backed_off(self.at):
            return False
        return self._is_open and self.at - run.started_at < run.longest_run

    @property
    def step(self) -> Promise | None:
        """What it is at, while it runs."""
        return STEPS.get(self.run.step) if self.run and self.is_running else None

    @property
    def has_failed(self) -> bool:
        """Whether the last attempt went wrong, or ended its worker."""
        return bool(self.run and self.run.failures and (self.run.error or self._is_open) and not self.is_running)

    @property
    def can_be_retried(self) -> bool:
        return (self.has_failed or self.is_overdue) and self.name in RETRIED

    @property
    def set_aside_until(self) -> datetime | None:
        run = self.run
        return run.set_aside_until if run and self.has_failed and run.is_backed_off(self.at) else None

    @property
    def is_late(self) -> bool:
        """Whether the sweep stands still, and with it everything else."""
        return self.name == "sweep" and (not self.finished_at or self.at - self.finished_at > SWEEP_IS_LATE_AFTER)

    @property
    def backed_up_at(self) -> datetime | None:
        """When the last good backup was taken, of the job that takes them."""
        return backups.last_good(self.run, at=self.at) if self.name == backups.JOB else None

    @property
    def is_overdue(self) -> bool:
        """Whether the last good backup is too old."""
        return backups.is_old(self.backed_up_at, at=self.at)

    @property
    def found(self) -> str:
        """What the nightly check found: one line for each figure that differed."""
        return self.run.detail if self.run and self.name == "rebuild" else ""


def jobs(*, at: datetime) -> list[Job]:
    runs = JobRun.objects.in_bulk()
    return [
        Job(name, label, does, runs.get(name), min(_dues(runs, rows), default=None), at)
        for name, label, does, rows in JOBS
    ]


def _dues(runs: Mapping[str, JobRun], names: tuple[str, ...]) -> list[datetime]:
    return [due for name in names if name in runs and (due := runs[name].next_due)]


# -- what waits -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backlog:
    """How much there is of everything, by its state."""

    changes: int
    imports: Mapping[str, int]
    deliveries: Mapping[str, int]
    reminders: Mapping[str, int]

    @property
    def waiting(self) -> list[tuple[Promise, int]]:
        """What the worker has before it, in words."""
        runs, letters, notes = ImportRun.Status, SummaryDelivery.State, Reminder.State
        under_way = (runs.CHECKING, runs.IMPORTING, runs.UNDOING)
        return [
            (_("Changes that the figures do not show yet"), self.changes),
            (_("Imports under way"), sum(self.imports.get(status, 0) for status in under_way)),
            (
                _("Summaries to send"),
                sum(self.deliveries.get(state, 0) for state in (letters.WAITING, letters.CLAIMED)),
            ),
            (_("Reminders to send"), self.reminders.get(notes.WAITING, 0)),
        ]


def backlog() -> Backlog:
    return Backlog(
        changes=StaleMark.objects.count(),
        imports=_by(ImportRun.objects.all(), "status"),
        deliveries=_by(SummaryDelivery.objects.all(), "state"),
        reminders=_by(Reminder.objects.all(), "state"),
    )


def _by(rows: QuerySet[Model], field: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(field).annotate(Count("pk")))


# -- what failed ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failures:
    """What a director may want to try again, newest first."""

    jobs: list[Job]
    imports: list[ImportRun]
    deliveries: list[SummaryDelivery]
    reminders: list[Reminder]

    @property
    def count(self) -> int:
        return len(self.jobs) + len(self.imports) + len(self.deliveries) + len(self.reminders)


def failures(all_jobs: list[Job], *, at: datetime) -> Failures:
    since = at - SHOWN_FOR
    sending = SummaryDelivery.State
    wrong = Q(state__in=[sending.FAILED, sending.UNKNOWN]) | Q(state=sending.SENT, is_early=True)
    letters = SummaryDelivery.objects.filter(wrong, replaced_by=None)
    # Not those whose file holds wrong values: they are for whoever brought it.
    broken = ImportRun.objects.filter(counts__has_any_keys=["trouble", "failed"])
    imports = broken.filter(status=ImportRun.Status.FAILED, created_at__gte=since)
    notes = reminders.OUTBOX.stuck(at=at).filter(due_at__gte=since)
    return Failures(
        jobs=[job for job in all_jobs if job.has_failed or job.is_late or job.is_overdue],
        imports=list(imports.defer("errors", "preview", "questions", "mapping", "remarks")[:MOST_SHOWN]),
        deliveries=list(
            letters.filter(week__gte=since.date()).select_related("subscriber").defer("text", "html")[:MOST_SHOWN]
        ),
        reminders=list(notes.select_related("member")[:MOST_SHOWN]),
    )


@dataclass(frozen=True)
class Retried:
    """One retry that somebody asked for, with what it was for in words."""

    label: str
    at: datetime
    by: Any


def retries() -> list[Retried]:
    labels = {name: str(label) for name, label, *_rest in JOBS} | {"import": _("Import"), "reminder": _("Reminder")}
    rows = Retry.objects.select_related("by")[:MOST_SHOWN]
    return [Retried(_in_words(row.what, labels), row.at, row.by) for row in rows]


def _in_words(what: str, labels: Mapping[str, object]) -> str:
    """A job's label; of a single thing what it is, and its number."""
    name, _space, number = what.partition(" ")
    return f"{labels.get(name, name.capitalize())} {number}".strip()
