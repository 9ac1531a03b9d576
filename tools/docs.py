"""Build the manual in English and French, with the project's own pages, and fail at a link that leads nowhere.

    python tools/docs.py [FOLDER]

Links within the site are checked; other sites are not asked.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANUAL = ROOT / "docs/manual"
LANGUAGES = {"en": "English", "fr": "Français"}
ENVIRONMENT = MANUAL / "en/environment.md"


def main(target: Path) -> None:
    ENVIRONMENT.write_text(environment_page(), encoding="utf-8")
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            build(lay_out(Path(folder), language), target / language, language)
    (target / "index.html").write_text(entrance(), encoding="utf-8")
    print(f"The manual is in {target}. Open {target / 'index.html'}.")


def lay_out(folder: Path, language: str) -> Path:
    """The pages of one language where they stand in the repository; the project's own are in English alone."""
    if language == "en":
        shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("fr", "conf.py"))
        shutil.copy(ROOT / "CHANGELOG.md", folder)
        return folder
    shutil.copytree(MANUAL / language, folder / "docs/manual" / language)
    shutil.copytree(ROOT / "docs/screenshots", folder / "docs/screenshots")
    return folder


def environment_page() -> str:
    """`.env.example` as a page: a heading for each part, and each variable with its comment and its default."""
    lines = [
        "# The environment",
        "",
        "Made from `.env.example` by `make docs`. Copy that file to `.env` and fill it in.",
        "",
    ]
    comment: list[str] = []
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if part := re.fullmatch(r"# -- (.+?) -+", line):
            lines += [f"## {part[1].capitalize()}", ""]
            comment = []
        elif line.startswith("#"):
            comment.append(line.removeprefix("#").removeprefix(" "))
        elif variable := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            default = f" (`{variable[2]}`)" if variable[2] else ""
            lines += [f"`{variable[1]}`{default}", "", *(f"> {words}".rstrip() for words in comment), ""]
            comment = []
    return "\n".join(lines)


def build(source: Path, target: Path, language: str) -> None:
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-b", "html"]
    settings = ["-c", str(MANUAL), "-D", f"language={language}", "-D", f"root_doc=docs/manual/{language}/index"]
    subprocess.run([*command, *settings, str(source), str(target)], check=True)


def entrance() -> str:
    """The page that lets one choose the language."""
    links = "".join(
        f'<li><a href="{code}/docs/manual/{code}/index.html" lang="{code}">{name}</a></li>'
        for code, name in LANGUAGES.items()
    )
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Retour</title><h1>Retour</h1><ul>{links}</ul>'


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var/docs")
