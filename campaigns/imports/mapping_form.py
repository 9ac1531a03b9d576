"""What is asked about an uploaded file, and what a person answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from campaigns.imports.formats import find_source
from campaigns.imports.importers import KINDS
from campaigns.imports.mapping import CREATE, LEAVE_OUT, OPTIONS, Said
from campaigns.imports.warnings import name_sentence
from campaigns.models import ImportRun

NAMES_ON_A_PAGE = 100
LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True)
class AskedColumn:
    """Which column holds a field, or what it is in every row."""

    name: str
    label: str
    choices: list[Choice]
    constant: str
    is_needed: bool


@dataclass(frozen=True)
class AskedName:
    """What a name in the file stands for. `key` numbers it in the form."""

    key: str
    sort: str
    text: str
    label: str
    count: int
    line: int
    reason: str
    choices: list[Choice]


@dataclass(frozen=True)
class Asked:
    columns: list[AskedColumn] = field(default_factory=list)
    names: list[AskedName] = field(default_factory=list)
    more_names: int = 0
    options: dict[str, list[Choice]] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    can_create: bool = False


def fields_of(run: ImportRun) -> list[str]:
    return list(KINDS[run.kind].fields)


def label(run: ImportRun, name: str) -> str:
    return str(KINDS[run.kind].fields[name].label)


def asked(run: ImportRun) -> Asked:
    """Everything a person may say about a run's file, with what was said already."""
    questions = run.questions
    names = [one for one in questions if one["ask"] == "name"]
    options = {one["ask"] for one in questions if one["ask"] in OPTIONS}
    said = Said.from_json(run.mapping)
    return Asked(
        columns=_columns(run, said, {one["field"] for one in questions if one["ask"] == "column"}),
        names=_names(run, names[:NAMES_ON_A_PAGE]),
        more_names=max(len(names) - NAMES_ON_A_PAGE, 0),
        options={name: _option(name, said.options.get(name, "")) for name in sorted(options | said.options.keys())},
        absent=[one["column"] for one in questions if one["ask"] == "absent"],
        can_create=not run.only_for_id and any(not one["reason"] for one in names if one["sort"] != "status"),
    )


def _columns(run: ImportRun, said: Said, needed: set[str]) -> list[AskedColumn]:
    header = [text for text in run.counts["header"] if text]
    usual = _usual_columns(run)
    columns = []
    for name, one in KINDS[run.kind].fields.items():
        chosen = said.columns.get(name, usual.get(name, ""))
        nothing = Choice("", _("not in this file"), not chosen)
        choices = [nothing, *(Choice(text, text, text.casefold() == chosen.casefold()) for text in header)]
        columns.append(AskedColumn(name, str(one.label), choices, said.constants.get(name, ""), name in needed))
    return columns


def _usual_columns(run: ImportRun) -> dict[str, str]:
    source = find_source(run.source, run.kind) or find_source("generic", run.kind)
    header = run.counts["header"]
    return {name: header[index] for name, index in source.locate(header).items()} if source else {}


def _names(run: ImportRun, questions: list[dict[str, Any]]) -> list[AskedName]:
    offered = {sort: directory.choices() for sort, directory in KINDS[run.kind].directory_types.items()}
    return [
        AskedName(
            f"{number}",
            one["sort"],
            one["text"],
            name_sentence(one),
            one["count"],
            one["line"],
            one["reason"],
            [
                *_special(run.kind, one, may_create=not run.only_for_id),
                *(Choice(value, text) for value, text in offered[one["sort"]]),
            ],
        )
        for number, one in enumerate(questions)
    ]


def _special(kind: str, one: Mapping[str, Any], *, may_create: bool) -> list[Choice]:
    choices = [Choice("", _("Choose…"), is_chosen=True)]
    if may_create and not one["reason"] and one["sort"] != "status":
        choices.append(Choice(CREATE, _("Create “%(name)s”") % {"name": one["target"]}))
    if one["sort"] != "status":
        choices.append(Choice(LEAVE_OUT, _left_out(kind, one["sort"])))
    return choices


def _left_out(kind: str, sort: str) -> str:
    """What leaving a name out does to its rows: without a campaign, money and hours are still counted."""
    if sort == "campaign":
        return _("No campaign: General presence") if kind in ("hours", "spend", "outcomes") else _("No campaign")
    if sort == "platform" and kind in ("leads", "touches"):
        return _("No platform")
    return _("Leave these rows out")


def _option(name: str, chosen: str) -> list[Choice]:
    labels = {
        "dmy": _("the day first: 31/12/2026"),
        "mdy": _("the month first: 12/31/2026"),
        "comma": _("the comma: 1.234,56"),
        "point": _("the point: 1,234.56"),
    }
    return [Choice(value, labels[value], value == chosen) for value in OPTIONS[name]]


def take(run: ImportRun, answers: Mapping[str, str]) -> None:
    """Put a person's answers into a run's mapping; what makes no sense is passed over, and asked again."""
    said = Said.from_json(run.mapping)
    header = set(run.counts.get("header", []))
    usual = _usual_columns(run) if header else {}
    for name in KINDS[run.kind].fields:
        column = answers.get(f"column-{name}")
        if column is not None and (not column or column in header):
            _take_column(said, name, column, usual.get(name, ""))
        constant = answers.get(f"constant-{name}")
        if constant is not None:
            said.constants.pop(name, None)
            if constant.strip():
                said.constants[name] = constant.strip()[:LONGEST_ANSWER]
    for option, values in OPTIONS.items():
        if answers.get(option) in values:
            said.options[option] = answers[option]
    _take_names(run, said, answers)
    run.mapping = said.to_json()
    run.create_missing = answers.get("create_missing") == "on" and not run.only_for_id


def _take_column(said: Said, name: str, column: str, usual: str) -> None:
    if column == usual:
        said.columns.pop(name, None)
    else:
        said.columns[name] = column


def _take_names(run: ImportRun, said: Said, answers: Mapping[str, str]) -> None:
    names = [one for one in run.questions if one["ask"] == "name"][:NAMES_ON_A_PAGE]
    for number, one in enumerate(names):
        # The text goes along: another window may have changed what is asked.
        target = answers.get(f"name-{number}", "")
        if target == CREATE and run.only_for_id:
            continue
        if target and answers.get(f"text-{number}") == one["text"]:
            said.say(one["sort"], one["text"], target[:LONGEST_ANSWER])
