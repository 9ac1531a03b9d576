"""Arguments that several commands share."""

from argparse import ArgumentTypeError

from django.utils import timezone

from campaigns.models import Agency
from campaigns.weeks import Week


def week(text: str) -> Week:
    """Read a week for argparse, with the reason when it is none."""
    try:
        return Week.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def last_complete_week() -> Week:
    return Agency.current().last_complete_week(timezone.now())
