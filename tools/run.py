"""Prepares the embedded way of running, then becomes the supervisor. Called by `make run`."""

import argparse
import io
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import environment  # noqa: E402
from config.command_line import saying_what_to_do  # noqa: E402
from config.environment import EMBEDDED_SETTINGS, SUPERVISOR_LOCK  # noqa: E402
from config.standalone import supervisor  # noqa: E402
from config.standalone.serve import become_supervisor, check_data_folder  # noqa: E402
from core.run_lock import take_lock  # noqa: E402

HOST = "127.0.0.1"  # the demo's passwords are known to everybody


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepare the database, then run Retour.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--parent", type=int, help="stop when this process, which started us, is gone")
    parser.add_argument("--empty", action="store_true", help="start an agency of one's own, not the demo")
    parser.add_argument("--language", choices=["en", "fr"], help="of the demo, as it is loaded")
    options = parser.parse_args()
    check_data_folder()
    address = supervisor.address_of(HOST, options.port)
    with take_lock(SUPERVISOR_LOCK, address=address):
        if problem := supervisor.port_problem(HOST, options.port, again="PORT=8123 make run"):
            sys.exit(problem)
        os.environ["PORT"] = str(options.port)  # links in e-mails name the port
        write_embedded_env(EMBEDDED_SETTINGS)
        prepare_database(is_empty=options.empty, language=options.language)
        print(f"\nRetour: {address}    (Ctrl-C stops it)\n", flush=True)
        show_setup(address)
    become_supervisor(host=HOST, port=options.port, parent=options.parent)


def write_embedded_env(path: Path) -> None:
    """Write the embedded settings with a secret of their own, readable by their owner only; keep an existing file."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"EMBEDDED=true\nSECRET_KEY={secrets.token_urlsafe(50)}\n")
    environment.read_settings_file()


def prepare_database(*, is_empty: bool, language: str | None) -> None:
    """Migrate; a database without people gets the demo, or with `is_empty` waits for somebody's own agency."""
    import django
    from django.core.management import call_command

    django.setup()
    from django.conf import settings

    call_command("migrate", verbosity=0, interactive=False)
    if not settings.EMBEDDED:
        return  # the machine has a .env of its own: its data is real
    fill_database(is_empty=is_empty, language=language)
    call_command("demo", logins=True)
    resume_after_start()


def fill_database(*, is_empty: bool, language: str | None) -> None:
    """Once an agency of one's own was begun here, no later start loads the demo into it."""
    from django.core.management import call_command
    from django.db import transaction

    from timesheets import setup_token

    if not setup_token.is_open():
        if is_empty:
            print("There are people in this database already, so it is not empty. It is left as it is.", flush=True)
        elif language:
            print("There are people in this database already. It stays in its language.", flush=True)
    elif is_empty or setup_token.is_expected():
        setup_token.expect()
    else:
        print("Loading the demo agency. This happens once.", flush=True)
        with transaction.atomic():  # stopped halfway, it starts over next time
            call_command("demo", language=language or "en", stdout=io.StringIO())


def show_setup(address: str) -> None:
    from timesheets import setup_token

    setup_token.show(sys.stdout, address=address, command=".venv/bin/python manage.py setup_token")
    sys.stdout.flush()


def resume_after_start() -> None:
    """Nobody is at work yet: what the last stop cut off goes on with the first worker."""
    from django.utils import timezone

    from operations import jobs

    jobs.resume_after_start(at=timezone.now())


if __name__ == "__main__":
    with saying_what_to_do(migrate="make run"):
        main()
