"""What jobs leave behind and find their work by."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction

from core.weeks import Week


class StaleMark(models.Model):
    """One change that figures do not show yet; the queue is append-only, and who holds the drain's turn empties it.

    Database triggers write the marks in the transaction of the change (see triggers.py), whatever path the change
    takes. A mark names a cell in a range of weeks, all cells of these weeks, a lead, a sale, or everything. A cell may
    be that without a platform or a campaign, so `is_cell` tells it. `of_costs` tells what of it changed, what it cost
    or what it was credited with; empty: both. Plain ids, no foreign keys: the mark of a deleted lead must outlive it.
    """

    week_from = models.DateField(null=True)
    week_to = models.DateField(null=True)
    # Empty: no cell. The triggers of the version before, which know none, go on while this one is installed, and SQLite
    # adds a column that may be empty without making the table anew, which the triggers of others would not let it.
    is_cell = models.BooleanField(null=True)
    of_costs = models.BooleanField(null=True)
    platform_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    lead_id = models.BigIntegerField(null=True)
    sale_id = models.BigIntegerField(null=True)
    everything = models.BooleanField(default=False)

    @classmethod
    def weeks_of_costs(cls) -> set[Week]:
        """The weeks of which the rollups do not hold all hours and spend yet."""
        marks = cls.objects.exclude(of_costs=False).exclude(week_from=None)
        ranges = marks.order_by().values_list("week_from", "week_to").distinct()
        return {week for first, last in ranges for week in Week.range(Week.containing(first), Week.containing(last))}

    @classmethod
    def merge_alike(cls) -> None:
        """Keep the first of those that say the same, unless a drain is at work, which takes them all.

        As long as this holds the drain's turn nobody takes a mark: the one that stays is read later than all that
        left its like.
        """
        said = [field.attname for field in cls._meta.concrete_fields if not field.primary_key]
        with transaction.atomic():
            if JobRun.take_turn("drain"):
                first = cls.objects.order_by().values(*said).annotate(first=models.Min("pk")).values("first")
                cls.objects.exclude(pk__in=first).delete()

    def __str__(self) -> str:
        if self.everything:
            return "everything"
        return f"lead {self.lead_id}, sale {self.sale_id}, weeks {self.week_from} to {self.week_to}"


class JobRun(models.Model):
    """When a job last ran, when it is next due, what it said; the row is also the lock that lets one run at a time.

    A job that the sweep tries again and again counts its failures here. An attempt counts as failed from its first
    moment until it has ended well, so that one which kills its worker is counted too. After three failures in a row
    it is backed off: tried again after 5 minutes, then 10, 20, 40, and from then on every hour.

    Workers may attempt a job side by side, and each attempt counts. One that ends well beside another proves nothing
    about that one, which may still fail: it takes back its own count and forgets no other.

    An outage is no failure of a job: an attempt that lost the database is taken back, and what the end of a worker cut
    off is forgiven when that worker starts again.
    """

    MOST_FAILURES: ClassVar[int] = 3
    FIRST_PAUSE: ClassVar[timedelta] = timedelta(minutes=5)
    LONGEST_PAUSE: ClassVar[timedelta] = timedelta(hours=1)
    LONGEST_RUN: ClassVar[timedelta] = timedelta(minutes=6)  # no task may run that long, but these
    LONGEST_RUNS: ClassVar[Mapping[str, timedelta]] = {"backup": timedelta(minutes=65)}

    name = models.CharField(max_length=40, primary_key=True)
    next_due = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    detail = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, the attempt under way included.")
    error = models.TextField(blank=True, help_text="What the last attempt failed with, without anybody's data.")
    set_aside_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=200, blank=True, help_text="The worker whose attempt was the last to begin.")
    was_forgiven = models.BooleanField(
        default=False, help_text="A worker's end cut it off, which has been no failure once since it last ended well."
    )

    # How far a long run has come, of what it does at the moment.
    step = models.CharField(max_length=20, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    of = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    def is_backed_off(self, at: datetime) -> bool:
        # One that is further away was set by a clock that was ahead.
        return self.set_aside_until is not None and at < self.set_aside_until <= at + self.LONGEST_PAUSE

    @property
    def longest_run(self) -> timedelta:
        return self.LONGEST_RUNS.get(self.name, self.LONGEST_RUN)

    def may_be_at_work(self, at: datetime) -> bool:
        """Whether an attempt has begun of which nobody knows yet how it ends."""
        if not self.failures or self.started_at is None or at - self.started_at >= self.longest_run:
            return False
        return not (self.error and self.finished_at and self.finished_at >= self.started_at)

    def begin(self, *, at: datetime, started_at: datetime, worker: str = "") -> bool:
        """Count an attempt as failed until it ends well; False when the job is backed off at this instant."""
        with self._held():
            if self.is_backed_off(at):
                return False
            # What was backed off has rested for longer than an attempt can take.
            is_alone = self.set_aside_until is not None or not self.may_be_at_work(started_at)
            self._count(self.failures + 1, at)
            if is_alone:
                self.started_at = started_at
            self._forgets = self.failures if is_alone else 1
            self.worker = worker
            self.save(update_fields=["failures", "set_aside_until", "started_at", "worker"])
        return True

    def _count(self, failures: int, at: datetime) -> None:
        self.failures = max(failures, 0)
        self.set_aside_until = at + self._pause() if self.failures >= self.MOST_FAILURES else None

    def _pause(self) -> timedelta:
        doublings: int = min(self.failures - self.MOST_FAILURES, 10)
        return min(self.FIRST_PAUSE * (1 << doublings), self.LONGEST_PAUSE)

    def end(self, *, finished_at: datetime, error: str = "") -> None:
        """The attempt that this object began is over: it went well, which forgets earlier failures, or failed."""
        with self._held():
            self.finished_at, self.error = finished_at, error
            if error:
                self.failures = max(self.failures, 1)
            else:
                self._count(self.failures - self._forgets, finished_at)
                self.was_forgiven = False
            self.save(update_fields=["failures", "set_aside_until", "finished_at", "error", "was_forgiven"])

    def take_back(self, *, at: datetime) -> None:
        """The attempt that this object began was cut off by an outage: it counts neither as failed nor as well."""
        with self._held():
            self._count(self.failures - 1, at)
            self.save(update_fields=["failures", "set_aside_until"])

    @classmethod
    def take_turn(cls, name: str) -> bool:
        """Hold the row of a job until the end of the transaction; False when somebody else does."""
        turn = cls.objects.select_for_update(skip_locked=True).filter(name=name).values_list("pk")
        if turn.first():
            return True
        _job, is_first_ever = cls.objects.get_or_create(name=name)
        return is_first_ever and turn.first() is not None

    @classmethod
    def forgive_cut_off(cls, *, worker: str, since: datetime) -> None:
        """This worker has run since then: what the end of the one before cut off is no failure of the job.

        That holds once until the job ends well: one that ends its whole worker each time must be backed off too.
        """
        cut_off = cls.objects.filter(worker=worker, started_at__lt=since, error="", was_forgiven=False)
        cut_off.exclude(failures=0).update(failures=0, set_aside_until=None, was_forgiven=True)

    @classmethod
    def note(cls, name: str, *, started_at: datetime, finished_at: datetime, detail: str = "") -> None:
        """Leave word of a finished run, for the health page."""
        cls.objects.update_or_create(
            name=name, defaults={"started_at": started_at, "finished_at": finished_at, "detail": detail[:2000]}
        )

    @classmethod
    def report(cls, name: str, *, step: str, done: int, of: int, detail: str = "") -> None:
        """Leave word of a run under way: what it does, how far it is, and what it has found so far, in whole lines."""
        shown = detail if len(detail) <= 2000 else detail[:2000].rpartition("\n")[0]
        cls.objects.filter(name=name).update(step=step, done=done, of=of, detail=shown)

    def resume(self) -> None:
        """Forget the failures: the next sweep tries the job as if it had never failed."""
        self.failures, self.set_aside_until = 0, None
        self.save(update_fields=["failures", "set_aside_until"])

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The row as it is now, and nobody else's until this is over."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=JobRun.objects.select_for_update())
            yield


class Retry(models.Model):
    """Somebody asked for another attempt at something that had failed."""

    what = models.CharField(max_length=60, help_text="A job's name, or import and its number.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "retries"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.what}, {self.at:%Y-%m-%d %H:%M}"
