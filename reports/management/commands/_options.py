"""Arguments that several commands share."""

from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import CommandError
from django.utils import timezone

from campaigns.models import Agency
from core.weeks import Week


def week(text: str) -> Week:
    """Read a week for argparse, with the reason when it is none."""
    try:
        return Week.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def last_complete_week() -> Week:
    return Agency.current().last_complete_week(timezone.now())


def text_of(path: Path) -> str:
    """Read a whole text file in UTF-8, with or without its mark; CommandError says why when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not text in UTF-8.") from error
