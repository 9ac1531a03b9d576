"""Retour's commands: `retour` where the wheel is installed, `python manage.py` in a clone. `retour help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    program, *arguments = sys.argv
    try:
        if arguments[:1] == ["serve"]:
            from config.standalone import serve

            serve.main(arguments[1:])
        else:
            execute_from_command_line([program, *_as_module(arguments[:1]), *arguments[1:]])
    except ImproperlyConfigured as error:
        sys.exit(f"Retour does not start: {error}")


def _as_module(name: list[str]) -> list[str]:
    """The command `move-to` is the module `move_to`; options begin with a hyphen and stay as they are."""
    return [word if word.startswith("-") else word.replace("-", "_") for word in name]


if __name__ == "__main__":
    main()
