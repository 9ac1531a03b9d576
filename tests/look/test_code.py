"""The code keeps its shape: files that can be read in one go, and one meaning for the name of a class."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "operations", "reports", "timesheets", "campaigns", "core")
LONGEST_FILE = 400
MOST_MODULES = 12
TRANSLATES = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
# Django and management commands call these so in every module.
NAMED_BY_DJANGO = {"Meta", "Command"}
# The states of a summary and of a reminder, each inside its model: core/outbox.py gives them one vocabulary.
INSIDE_THEIR_MODEL = {"State"}


def modules() -> list[Path]:
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if path.parent.name != "migrations"]


def test_each_file_can_be_read_in_one_go():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    assert not {name: lines for name, lines in long.items() if lines > LONGEST_FILE}


def test_each_class_has_a_name_of_its_own():
    places = defaultdict(list)
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.name not in NAMED_BY_DJANGO | INSIDE_THEIR_MODEL:
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_few_modules_stand_at_the_root_of_reports():
    at_the_root = [path for path in modules() if path.parent == ROOT / "reports"]
    assert len(at_the_root) <= MOST_MODULES


def test_no_sentence_is_translated_inside_an_f_string():
    """What collects the sentences reads no f-string, so such a one would stay English in every language."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in modules()
        for string in ast.walk(ast.parse(path.read_text()))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TRANSLATES
    ]
    assert not found
