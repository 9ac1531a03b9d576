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

from config import supervisor  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepare the database, then run Retour.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--parent", type=int, help="stop when this process, which started us, is gone")
    options = parser.parse_args()
    address = f"http://127.0.0.1:{options.port}"
    with supervisor.take_lock(supervisor.LOCK, address=address):
        if problem := supervisor.port_problem(options.port):
            sys.exit(problem)
        os.environ["PORT"] = str(options.port)  # links in e-mails name the port
        write_embedded_env(ROOT / "var" / "embedded.env")
        prepare_database()
    print(f"\nRetour: {address}    (Ctrl-C stops it)\n", flush=True)
    start_supervisor(port=options.port, parent=options.parent)


def write_embedded_env(path: Path) -> None:
    """Write the embedded settings with a secret of their own, readable by their owner only; keep an existing file."""
    if path.exists():
        return
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"EMBEDDED=true\nSECRET_KEY={secrets.token_urlsafe(50)}\n")


def prepare_database() -> None:
    """Migrate; on a database without people load the demo, and print its logins while the demo is there."""
    import django
    from django.core.management import call_command

    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import transaction

    call_command("migrate", verbosity=0, interactive=False)
    if not settings.EMBEDDED:
        return  # the machine has a .env of its own: its data is real
    if not get_user_model().objects.exists():
        print("Loading the demo agency. This happens once.", flush=True)
        with transaction.atomic():  # stopped halfway, it starts over next time
            call_command("demo", stdout=io.StringIO())
    call_command("demo", logins=True)
    resume_after_start()


def resume_after_start() -> None:
    """Nobody is at work yet: what the last stop cut off goes on with the first worker."""
    from django.utils import timezone

    from operations import jobs

    jobs.resume_after_start(at=timezone.now())


def start_supervisor(*, port: int, parent: int | None) -> None:
    command = [sys.executable, "-m", "config.supervisor", "--port", str(port)]
    if parent:
        command += ["--parent", str(parent)]
    os.chdir(ROOT)
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
