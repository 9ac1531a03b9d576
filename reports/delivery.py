"""Placeholder replaced by the summary's author."""

from datetime import datetime


def decide_due(*, at: datetime) -> None: ...


def send_due(*, at: datetime) -> None: ...
