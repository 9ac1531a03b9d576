"""Where people are signed in: Django's rows of sessions, with whose they are beside what is signed."""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from timesheets.models.people import User


class Session(AbstractBaseSession):
    """A session of somebody who is signed in, or of nobody yet. It opens only for whom its signed data name too.

    The database does not hold `person` to their row: that would lock a row which a save of hours locks, too.
    """

    # Looked up by `timesheets.sessions.of_person`, to list and to end them; `expire_date` by `campaigns.retention`.
    person = models.ForeignKey(User, models.CASCADE, null=True, db_constraint=False, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from timesheets.sessions import SessionStore

        return SessionStore
