"""The wheel: installed in an empty environment outside of the clone, it is a whole Retour."""

import re
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.platform.services import PACKAGES, ROOT

pytestmark = pytest.mark.server
BESIDE = ("templates", "static", "locale")


def in_clone(*folders: str) -> set[str]:
    """Every file that belongs to Retour; compiled Python and what tests leave do not."""
    files = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def in_wheel(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def test_it_holds_every_module_template_style_script_and_translation_and_nothing_else(environment_of_wheel):
    assert in_wheel(environment_of_wheel.wheel) == in_clone(*PACKAGES, *BESIDE)
    assert "locale/fr/LC_MESSAGES/django.mo" in in_wheel(environment_of_wheel.wheel)


def test_it_asks_for_the_versions_that_the_tests_run_with(environment_of_wheel):
    archive = zipfile.ZipFile(environment_of_wheel.wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    required = message_from_bytes(archive.read(name)).get_all("Requires-Dist")
    pins = set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE))
    assert {requirement.partition(";")[0].strip() for requirement in required} == pins
    assert any(pin.startswith("django==") for pin in pins)


def test_its_commands_are_those_of_manage_py(installation):
    said = installation.retour("help", SECRET_KEY="long-enough-and-not-an-example-0123456789", SMALL="true")
    assert said.returncode == 0, said.stderr
    assert {"backup", "restore", "setup", "migrate", "demo"} <= set(said.stdout.split())
