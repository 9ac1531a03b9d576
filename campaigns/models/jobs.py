"""What jobs leave behind and find their work by."""

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
    """When a job last ran, when it is next due, what it said; the row is also the lock that lets one run at a time."""

    name = models.CharField(max_length=40, primary_key=True)
    next_due = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    detail = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
