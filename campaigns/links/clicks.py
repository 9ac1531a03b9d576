"""Counting clicks without a write for each: this process adds them up and writes the sums every few seconds.

A worker that is killed loses what it has not written: the clicks of ten seconds at most. One that is stopped writes
them first.
"""

import atexit
import logging
import threading
from collections import Counter
from datetime import date

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from campaigns.links import click_outcomes
from campaigns.models import LinkClicks, TrackingLink

log = logging.getLogger(__name__)

WRITTEN_AFTER = 5.0  # seconds


class ClickCounter:
    """The clicks of this process that are not written yet, by link and day."""

    def __init__(self, written_after: float | None) -> None:
        """`written_after` is in seconds; None writes when `write` is called, and else never."""
        self.written_after = written_after
        self._waiting: Counter[tuple[int, date]] = Counter()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        if written_after is not None:
            atexit.register(self.write)

    def add(self, link_id: int, day: date) -> None:
        with self._lock:
            self._waiting[link_id, day] += 1
            if self.written_after is not None and self._timer is None:
                self._timer = threading.Timer(self.written_after, self._write_in_thread)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Add what waits to the database; what it does not take waits on."""
        with self._lock:
            waiting, self._waiting, self._timer = self._waiting, Counter(), None
        if not waiting:
            return
        try:
            _add(waiting)
        except DatabaseError as error:
            log.warning("clicks wait until the database takes them: %s", error)
            with self._lock:
                self._waiting.update(waiting)

    def _write_in_thread(self) -> None:
        try:
            self.write()
        finally:
            connection.close()


def _add(clicks: Counter[tuple[int, date]]) -> None:
    """In one order, so that two workers never wait for each other. A link that is gone counts nothing any more."""
    there = set(TrackingLink.objects.filter(pk__in={link_id for link_id, _day in clicks}).values_list("pk", flat=True))
    with transaction.atomic():
        for (link_id, day), count in sorted(clicks.items()):
            if link_id in there:
                LinkClicks.add(link_id, day, count)
        click_outcomes.bring_up_to_date(clicks)


CLICKS = ClickCounter(None if settings.TESTING else WRITTEN_AFTER)
