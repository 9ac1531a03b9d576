"""BACKUP_HOOK: the command that takes a backup further, to another machine or a store. docs/backup.md has examples."""

import logging
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 45 * 60
# What opens something here is not for a program that sends files elsewhere.
SECRETS = frozenset(
    {
        "BROKER_URL",
        "CACHE_URL",
        "DATABASE_URL",
        "EMAIL_URL",
        "METRICS_TOKEN",
        "OIDC_CLIENT_SECRET",
        "POSTGRES_PASSWORD",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
    }
)


class HookFailed(Exception):
    """The file is in the folder, and went no further; the text says why."""

    quotes_nobody = True


def hand_on(file: Path) -> None:
    """Run the command with the file's path as its last argument; what it prints goes where this process prints."""
    if not settings.BACKUP_HOOK:
        return
    command = [*shlex.split(settings.BACKUP_HOOK), str(file)]
    try:
        done = subprocess.run(  # noqa: S603  (whoever sets the variable runs this installation)
            command, env=without_secrets(os.environ), stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HookFailed(f"{file.name} is written, but BACKUP_HOOK did not run: {type(error).__name__}.") from error
    if done.returncode:
        raise HookFailed(f"{file.name} is written, but BACKUP_HOOK ended with {done.returncode}.")


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in SECRETS}
