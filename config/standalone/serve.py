"""`retour serve`: prepares small production on this machine, then becomes the supervisor (docs/deploy.md)."""

import argparse
import io
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from config import environment
from config.environment import BASE_DIR, EMBEDDED_SETTINGS, OWN_SETTINGS, SUPERVISOR_LOCK, VAR
from config.standalone import supervisor
from core.run_lock import take_lock

log = logging.getLogger("retour.serve")


def main(arguments: Sequence[str]) -> None:
    check_data_folder()
    write_own_settings()
    from config import settings

    parser = argparse.ArgumentParser(prog="serve", description="Run Retour on this machine, without other servers.")
    parser.add_argument("--host", default=settings.HOST, help="the address to listen on (default: HOST, or 127.0.0.1)")
    parser.add_argument("--port", type=int, default=settings.PORT, help="the port (default: PORT, or 8000)")
    options = parser.parse_args(arguments)
    address = supervisor.address_of(options.host, options.port)
    with take_lock(SUPERVISOR_LOCK, address=address):
        if problem := supervisor.port_problem(options.host, options.port, again="--port 8123"):
            sys.exit(problem)
        prepare()
        log.info("Retour listens on %s, its data is in %s.", address, VAR)
        show_setup(settings.SITE_URL)
    become_supervisor(host=options.host, port=options.port)


def check_data_folder() -> None:
    try:
        VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(
            f"The data folder {VAR} cannot be made: {error.strerror}. Set DATA_DIR to a folder that you may write."
        )
    if not os.access(VAR, os.W_OK | os.X_OK):
        sys.exit(f"The data folder {VAR} cannot be written. Give it to who runs Retour, or set DATA_DIR to another.")


def write_own_settings() -> None:
    """Say in the data folder that this is small production, so that every command knows, with a secret of its own.

    What `make run` began goes on with its secret, since that seals second factors.
    """
    began_embedded = environment.settings_file == EMBEDDED_SETTINGS
    if environment.settings_file == BASE_DIR / ".env":
        if not is_small():
            sys.exit(f"{BASE_DIR / '.env'} is of an installation with servers. Add SMALL=true to it to run without.")
        return
    lines = [] if is_small() else ["SMALL=true"]
    if began_embedded or not os.environ.get("SECRET_KEY"):
        lines.append(f"SECRET_KEY={os.environ.pop('SECRET_KEY', '') or secrets.token_urlsafe(50)}")
    with open(os.open(OWN_SETTINGS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.writelines(f"{line}\n" for line in lines)
    os.environ["EMBEDDED"] = "false"
    environment.read_settings_file()


def is_small() -> bool:
    return bool(environment.env.bool("SMALL", default=False))


def prepare() -> None:
    """Bring the database and the static files up to this version, and carry on with what the last stop cut off."""
    import django
    from django.core.management import call_command

    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from operations import jobs

    migrate()
    refuse_the_demo()
    assert settings.STATIC_ROOT  # None when embedded alone
    if os.access(settings.STATIC_ROOT.parent, os.W_OK):  # an image brings them, where nobody may write
        call_command("collectstatic", verbosity=0, interactive=False)
    jobs.resume_after_start(at=timezone.now())


def migrate() -> None:
    """What it says of its backup becomes lines of the log, as all else here."""
    from django.core.management import CommandError, call_command

    said = io.StringIO()
    try:
        call_command("migrate", verbosity=0, interactive=False, stdout=said)
    except CommandError as error:
        sys.exit(str(error))
    for line in said.getvalue().splitlines():
        log.info("%s", line)


def refuse_the_demo() -> None:
    """Everybody knows the password of the demo's people."""
    from django.contrib.auth import get_user_model

    from operations.demo.people import LOGINS

    if get_user_model().objects.filter(email__in=LOGINS.values(), is_active=True).exists():
        sys.exit(f"{VAR} holds the demo agency, whose passwords everybody knows. Set DATA_DIR to another folder.")


def show_setup(address: str) -> None:
    """The token that opens an empty installation is for a terminal alone, never for a log."""
    from timesheets import setup_token

    command = f"{Path(sys.argv[0]).name} setup-token"
    if sys.stdout.isatty():
        setup_token.show(sys.stdout, address=address, command=command)
        sys.stdout.flush()
    elif setup_token.is_open():
        log.info("Nobody is here yet. Set up your agency at %s/setup/ with the token that %s shows.", address, command)


def become_supervisor(*, host: str, port: int, parent: int | None = None) -> None:
    command = [sys.executable, "-m", "config.standalone.supervisor", "--host", host, "--port", str(port)]
    if parent:
        command += ["--parent", str(parent)]
    os.chdir(BASE_DIR)
    os.execv(sys.executable, command)
