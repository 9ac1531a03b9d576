"""Reads the systemd units of deploy/systemd, as far as tests need them: sections, and keys that may come again."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.platform.services import ROOT

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(path.name for path in FOLDER.iterdir())


class Unit:
    """One file, with what stands in it moved to where a test has it: the wheel's programs, and a data folder."""

    def __init__(self, name: str, *, programs: Path, data: Path) -> None:
        self.name = name
        self.text = (FOLDER / name).read_text().replace("/opt/retour/bin", str(programs))
        self.text = self.text.replace("/var/lib/retour", str(data))

    def all(self, key: str) -> list[str]:
        return re.findall(rf"^{key}=(.*)$", self.text, flags=re.MULTILINE)

    @property
    def environment(self) -> dict[str, str]:
        return dict(part.split("=", 1) for line in self.all("Environment") for part in shlex.split(line))

    def commands(self, variables: Mapping[str, str]) -> list[list[str]]:
        """The words of each ExecStart; systemd fills in ${NAME} by itself."""
        return [
            [re.sub(r"\$\{(\w+)\}", lambda name: variables[name[1]], word) for word in shlex.split(line)]
            for line in self.all("ExecStart")
        ]
