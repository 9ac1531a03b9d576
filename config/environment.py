"""Where an installation keeps what belongs to it, and its variables: from the environment, else from a file.

The code lies in a clone or an image, or among the packages of an environment that the wheel was installed in. Either
way templates/, static/ and locale/ lie beside the packages: `BASE_DIR`. What an installation makes of itself lies in
`VAR`.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
IS_CLONE = (BASE_DIR / "manage.py").exists()


def data_folder() -> Path:
    """DATA_DIR; without it var/ of a clone, or a folder of whoever installed the wheel."""
    if folder := env.str("DATA_DIR", default=""):
        return Path(folder).absolute()
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return BASE_DIR / "var" if IS_CLONE else home / "retour"


VAR = data_folder()
SUPERVISOR_LOCK = VAR / "supervisor.lock"
OWN_SETTINGS = VAR / ".env"  # of an installation that keeps them with its data
EMBEDDED_SETTINGS = VAR / "embedded.env"  # what `make run` writes


def read_settings_file() -> Path | None:
    """Fill in the variables that are not set from the first of these files that is there, and return its path."""
    for path in (BASE_DIR / ".env", OWN_SETTINGS, EMBEDDED_SETTINGS):
        if path.exists():
            env.read_env(path)
            return path
    return None


settings_file = read_settings_file()

KNOWN_EXAMPLE_SECRETS = {"", "change-me", "secret"}


def required(name: str, how: str) -> str:
    """Return the variable, or stop the start with a sentence that says what to set."""
    value: str = env.str(name, default="")
    if value in KNOWN_EXAMPLE_SECRETS:
        raise ImproperlyConfigured(f"{name} is missing or still the example's. {how}")
    return value
