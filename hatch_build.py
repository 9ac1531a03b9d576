"""What `pip wheel .` needs besides pyproject.toml: compiled translations, and the versions of the lock."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = Path(__file__).parent


class CompiledTranslations(BuildHookInterface):
    """Compiles each catalogue beside its source, as `make` does."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for path in (ROOT / "locale").glob("*/LC_MESSAGES/django.po"):
            with path.open("rb") as source, path.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(source, locale=path.parent.parent.name))


class LockedRequirements(MetadataHookInterface):
    """Names what Retour runs on in the versions of the lock, which are those that the tests ran with."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = (ROOT / "requirements" / "runtime.txt").read_text().splitlines()
        metadata["dependencies"] = [line.rstrip("\\ ") for line in lines if line[:1].isalnum()]
