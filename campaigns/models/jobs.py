"""What jobs leave behind and find their work by."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models


class StaleMark(models.Model):
    """One change that figures do not show yet; the queue is append-only and one drain empties it.

    Database triggers write the marks in the transaction of the change (see triggers.py), whatever path the change
    takes. A mark names a range of weeks, a lead, a sale, or everything. Plain ids, no foreign keys: the mark of a
    deleted lead must outlive it.
    """

    week_from = models.DateField(null=True)
    week_to = models.DateField(null=True)
    lead_id = models.BigIntegerField(null=True)
    sale_id = models.BigIntegerField(null=True)
    everything = models.BooleanField(default=False)

    def __str__(self) -> str:
        if self.everything:
            return "everything"
        return f"lead {self.lead_id}, sale {self.sale_id}, weeks {self.week_from} to {self.week_to}"


class JobRun(models.Model):
    """When a job last ran, when it is next due, what it said; the row is also the lock that lets one run at a time.

    A job that the sweep tries again and again counts its failures here. An attempt counts as failed from its first
    moment until it has ended well, so that one which kills its worker is counted too. After three failures in a row
    it is set aside: tried again after 5 minutes, then 10, 20, 40, and from then on every hour.
    """

    MOST_FAILURES: ClassVar[int] = 3
    FIRST_PAUSE: ClassVar[timedelta] = timedelta(minutes=5)
    LONGEST_PAUSE: ClassVar[timedelta] = timedelta(hours=1)

    name = models.CharField(max_length=40, primary_key=True)
    next_due = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    detail = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, the attempt under way included.")
    error = models.TextField(blank=True, help_text="What the last attempt failed with, without anybody's data.")
    set_aside_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def is_set_aside(self, at: datetime) -> bool:
        return self.set_aside_until is not None and at < self.set_aside_until

    def begin(self, *, at: datetime, started_at: datetime) -> bool:
        """Count an attempt as failed until it ends well; False when the job is set aside at this instant."""
        if self.is_set_aside(at):
            return False
        self.failures += 1
        self.set_aside_until = at + self._pause() if self.failures >= self.MOST_FAILURES else None
        self.started_at = started_at
        self.save(update_fields=["failures", "set_aside_until", "started_at"])
        return True

    def _pause(self) -> timedelta:
        doublings: int = min(self.failures - self.MOST_FAILURES, 10)
        return min(self.FIRST_PAUSE * (1 << doublings), self.LONGEST_PAUSE)

    def end(self, *, finished_at: datetime, error: str = "") -> None:
        """An attempt ended: well, which forgets the failures before it, or with this error."""
        self.finished_at, self.error = finished_at, error
        self.save(update_fields=["finished_at", "error"])
        if not error:
            self.take_up_again()

    def take_up_again(self) -> None:
        """Forget the failures: the next sweep tries the job as if it had never failed."""
        self.failures, self.set_aside_until = 0, None
        self.save(update_fields=["failures", "set_aside_until"])


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
