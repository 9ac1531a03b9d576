"""What is asked about an uploaded file, and what a person answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from campaigns.imports.formats import find_format
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.mapping import CREATE, LEAVE_OUT, OPTIONS, ColumnMapping
from campaigns.imports.warnings import name_sentence
from campaigns.models import ImportRun

NAMES_ON_A_PAGE = 100
LONGEST_ANSWER = 500


@dataclass(frozen=True)
class AnswerOption:
    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True)
class ColumnQuestion:
    """Which column holds a field, or what it is in every row."""

    name: str
    label: str
    choices: list[AnswerOption]
    constant: str
    is_needed: bool


@dataclass(frozen=True)
class NameQuestion:
    """What a name in the file stands for. `key` numbers it in the form."""

    key: str
    name_type: str
    text: str
    label: str
    count: int
    line: int
    reason: str
    choices: list[AnswerOption]


@dataclass(frozen=True)
class MappingForm:
    columns: list[ColumnQuestion] = field(default_factory=list)
    names: list[NameQuestion] = field(default_factory=list)
    more_names: int = 0
    options: dict[str, list[AnswerOption]] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    can_create: bool = False


def fields_of(run: ImportRun) -> list[str]:
    return list(IMPORTERS[run.kind].fields)


def label(run: ImportRun, name: str) -> str:
    return str(IMPORTERS[run.kind].fields[name].label)


def form_for(run: ImportRun) -> MappingForm:
    """Everything a person may say about a run's file, with what was said already."""
    questions = run.questions
    names = [one for one in questions if one["ask"] == "name"]
    options = {one["ask"] for one in questions if one["ask"] in OPTIONS}
    mapping = ColumnMapping.from_json(run.mapping)
    return MappingForm(
        columns=_columns(run, mapping, {one["field"] for one in questions if one["ask"] == "column"}),
        names=_names(run, names[:NAMES_ON_A_PAGE]),
        more_names=max(len(names) - NAMES_ON_A_PAGE, 0),
        options={
            name: _option(name, mapping.options.get(name, "")) for name in sorted(options | mapping.options.keys())
        },
        absent=[one["column"] for one in questions if one["ask"] == "absent"],
        can_create=not run.only_for_id and any(not one["reason"] for one in names if one["sort"] != "status"),
    )


def _columns(run: ImportRun, mapping: ColumnMapping, needed: set[str]) -> list[ColumnQuestion]:
    header = [text for text in run.counts["header"] if text]
    usual = _usual_columns(run)
    columns = []
    for name, one in IMPORTERS[run.kind].fields.items():
        chosen = mapping.columns.get(name, usual.get(name, ""))
        nothing = AnswerOption("", _("not in this file"), not chosen)
        choices = [nothing, *(AnswerOption(text, text, text.casefold() == chosen.casefold()) for text in header)]
        columns.append(ColumnQuestion(name, str(one.label), choices, mapping.constants.get(name, ""), name in needed))
    return columns


def _usual_columns(run: ImportRun) -> dict[str, str]:
    file_format = find_format(run.source, run.kind) or find_format("generic", run.kind)
    header = run.counts["header"]
    return {name: header[index] for name, index in file_format.locate(header).items()} if file_format else {}


def _names(run: ImportRun, questions: list[dict[str, Any]]) -> list[NameQuestion]:
    offered = {name_type: directory.choices() for name_type, directory in IMPORTERS[run.kind].directory_types.items()}
    return [
        NameQuestion(
            f"{number}",
            one["sort"],
            one["text"],
            name_sentence(one),
            one["count"],
            one["line"],
            one["reason"],
            [
                *_special(run.kind, one, may_create=not run.only_for_id),
                *(AnswerOption(value, text) for value, text in offered[one["sort"]]),
            ],
        )
        for number, one in enumerate(questions)
    ]


def _special(kind: str, one: Mapping[str, Any], *, may_create: bool) -> list[AnswerOption]:
    choices = [AnswerOption("", _("Choose…"), is_chosen=True)]
    if may_create and not one["reason"] and one["sort"] != "status":
        choices.append(AnswerOption(CREATE, _("Create “%(name)s”") % {"name": one["target"]}))
    if one["sort"] != "status":
        choices.append(AnswerOption(LEAVE_OUT, _left_out(kind, one["sort"])))
    return choices


def _left_out(kind: str, name_type: str) -> str:
    """What leaving a name out does to its rows: without a campaign, money and hours are still counted."""
    if name_type == "campaign":
        return _("No campaign: General presence") if kind in ("hours", "spend", "outcomes") else _("No campaign")
    if name_type == "platform" and kind in ("leads", "touches"):
        return _("No platform")
    return _("Leave these rows out")


def _option(name: str, chosen: str) -> list[AnswerOption]:
    labels = {
        "dmy": _("the day first: 31/12/2026"),
        "mdy": _("the month first: 12/31/2026"),
        "comma": _("the comma: 1.234,56"),
        "point": _("the point: 1,234.56"),
    }
    return [AnswerOption(value, labels[value], value == chosen) for value in OPTIONS[name]]


def apply_answers(run: ImportRun, answers: Mapping[str, str]) -> None:
    """Put a person's answers into a run's mapping; what makes no sense is passed over, and asked again."""
    mapping = ColumnMapping.from_json(run.mapping)
    header = set(run.counts.get("header", []))
    usual = _usual_columns(run) if header else {}
    for name in IMPORTERS[run.kind].fields:
        column = answers.get(f"column-{name}")
        if column is not None and (not column or column in header):
            _take_column(mapping, name, column, usual.get(name, ""))
        constant = answers.get(f"constant-{name}")
        if constant is not None:
            mapping.constants.pop(name, None)
            if constant.strip():
                mapping.constants[name] = constant.strip()[:LONGEST_ANSWER]
    for option, values in OPTIONS.items():
        if answers.get(option) in values:
            mapping.options[option] = answers[option]
    _take_names(run, mapping, answers)
    run.mapping = mapping.to_json()
    run.create_missing = answers.get("create_missing") == "on" and not run.only_for_id


def _take_column(mapping: ColumnMapping, name: str, column: str, usual: str) -> None:
    if column == usual:
        mapping.columns.pop(name, None)
    else:
        mapping.columns[name] = column


def _take_names(run: ImportRun, mapping: ColumnMapping, answers: Mapping[str, str]) -> None:
    names = [one for one in run.questions if one["ask"] == "name"][:NAMES_ON_A_PAGE]
    for number, one in enumerate(names):
        # The text goes along: another window may have changed what is asked.
        target = answers.get(f"name-{number}", "")
        if target == CREATE and run.only_for_id:
            continue
        if target and answers.get(f"text-{number}") == one["text"]:
            mapping.map_name(one["sort"], one["text"], target[:LONGEST_ANSWER])
