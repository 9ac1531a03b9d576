"""What is asked about an uploaded file, and what a person answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.imports.files.file_reader import line_label
from campaigns.imports.files.headers import speaks_of_money
from campaigns.imports.formats.known_formats import find_format
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.ledger.sentences import complete_question, lacking_described, submitted_described
from campaigns.imports.mapping.column_mapping import (
    ALL_SHEETS,
    CREATE,
    LEAVE_OUT,
    MOST_LEFT_OUT,
    OPTIONS,
    ColumnMapping,
    lines_written,
    parse_lines,
)
from campaigns.imports.mapping.columns import Field, may_hold_money
from campaigns.imports.questions import name_sentence
from campaigns.models import ImportRun
from campaigns.uploads import errors_path
from core import lookups
from core.list_words import with_colon
from core.lookups import LookupInput, Options

NAMES_ON_A_PAGE = 100
LONGEST_ANSWER = 500
LONGEST_LIST = 50_000
# Names that stand for one of a few meanings: none is made, and none left out.
MEANINGS = ("status", "stage")


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
    """What a name in the file stands for. `key` numbers it in the form.

    Where there are many to choose from, `choices` are the few other answers, and the name is typed.
    """

    key: str
    name_type: str
    text: str
    label: str
    count: int
    line: str
    reason: str
    choices: list[AnswerOption]
    as_text: LookupInput | None = None


@dataclass(frozen=True)
class MappingForm:
    columns: list[ColumnQuestion] = field(default_factory=list)
    names: list[NameQuestion] = field(default_factory=list)
    more_names: int = 0
    options: dict[str, list[AnswerOption]] = field(default_factory=dict)
    complete: str = ""
    submitted: str = ""
    absent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    can_create: bool = False
    has_short_years: bool = False
    header_lines: list[AnswerOption] = field(default_factory=list)
    sheets: list[AnswerOption] = field(default_factory=list)
    asks_sheets: bool = False
    left_out: str = ""
    bad_rows: int = 0

    @property
    def is_about_columns(self) -> bool:
        """Whether the columns are what is asked about."""
        return bool(self.absent or self.refused or any(column.is_needed for column in self.columns))


def fields_of(run: ImportRun) -> Mapping[str, Field]:
    return IMPORTERS[run.kind].fields


def form_for(run: ImportRun) -> MappingForm:
    """Everything a person may say about a run's file, with what was said already."""
    names = _questions(run, "name")
    mapping = ColumnMapping.from_json(run.mapping)
    return MappingForm(
        columns=_columns(run, mapping),
        names=_names(run, names[:NAMES_ON_A_PAGE]),
        more_names=max(len(names) - NAMES_ON_A_PAGE, 0),
        options={name: _option(run, name, _chosen(run, mapping, name)) for name in _options(run, mapping)},
        has_short_years=_has_short_years(run),
        complete=f"{lacking_described(lacking)} {complete_question(lacking)}"
        if (lacking := run.counts.get("lacking"))
        else "",
        submitted=submitted_described(weeks) if (weeks := run.counts.get("submitted")) else "",
        absent=[question["column"] for question in _questions(run, "absent")],
        refused=[question["column"] for question in _questions(run, "money_note")],
        header_lines=_header_lines(run),
        sheets=_sheets(run, mapping),
        asks_sheets=bool(_questions(run, "sheets")),
        left_out=lines_written(mapping.lines_left_out(run.counts.get("checksum", ""))),
        bad_rows=len(_bad_lines(run)),
        can_create=not run.only_for_id and any(_can_be_created(question) for question in names),
    )


def _header_lines(run: ImportRun) -> list[AnswerOption]:
    """The lines of which one names the columns."""
    chosen = run.counts.get("header_line")
    return [
        AnswerOption(str(line["line"]), with_colon(line_label(line["line"]), line["text"]), line["line"] == chosen)
        for line in run.counts.get("first_lines", [])
    ]


def _sheets(run: ImportRun, mapping: ColumnMapping) -> list[AnswerOption]:
    """The sheets that have the same columns, when there are several."""
    names = run.counts.get("sheets", [])
    said = mapping.options.get("sheets", "")
    every = [AnswerOption(ALL_SHEETS, _("all of them"), said == ALL_SHEETS)] if names else []
    return [*every, *(AnswerOption(name, name, name.casefold() == said.casefold()) for name in names)]


def _questions(run: ImportRun, ask: str) -> list[dict[str, Any]]:
    """The questions of one type that checking a run left open: name, column, absent, or one of OPTIONS."""
    return [question for question in run.questions if question["ask"] == ask]


def _options(run: ImportRun, mapping: ColumnMapping) -> list[str]:
    """The options that are asked about, and those that were answered."""
    asked = {option for option in OPTIONS if _questions(run, option)} | set(run.counts.get("offered", []))
    return sorted(asked | (mapping.options.keys() & OPTIONS.keys()))


def _chosen(run: ImportRun, mapping: ColumnMapping, name: str) -> str:
    """What was answered; that a file which looks filtered holds everything takes somebody who says so."""
    usual = "no" if name == "complete" and run.counts.get("lacking", {}).get("looks_filtered") else ""
    return mapping.options.get(name, usual)


def _can_be_created(question: Mapping[str, Any]) -> bool:
    return not question["reason"] and question["sort"] not in MEANINGS


def _columns(run: ImportRun, mapping: ColumnMapping) -> list[ColumnQuestion]:
    header = [text for text in run.counts["header"] if text]
    usual = _usual_columns(run)
    needed = {question["field"] for question in _questions(run, "column")}
    columns = []
    for name, field_ in IMPORTERS[run.kind].fields.items():
        chosen = mapping.columns.get(name, usual.get(name, ""))
        nothing = AnswerOption("", _("not in this file"), not chosen)
        offered = [text for text in header if may_hold_money(name, field_) or not speaks_of_money(text)]
        choices = [nothing, *(AnswerOption(text, text, text.casefold() == chosen.casefold()) for text in offered)]
        constant = mapping.constants.get(name, "")
        columns.append(ColumnQuestion(name, str(field_.label), choices, constant, name in needed))
    return columns


def _usual_columns(run: ImportRun) -> dict[str, str]:
    file_format = find_format(run.source, run.kind) or find_format("generic", run.kind)
    header = run.counts["header"]
    return {name: header[index] for name, index in file_format.locate(header).items()} if file_format else {}


def _names(run: ImportRun, questions: list[dict[str, Any]]) -> list[NameQuestion]:
    types = IMPORTERS[run.kind].directory_types
    offered = {name_type: types[name_type].choices() for name_type in {question["sort"] for question in questions}}
    many = {name_type for name_type, names in offered.items() if types[name_type].url_name and lookups.are_many(names)}
    return [
        NameQuestion(
            key=f"{number}",
            name_type=question["sort"],
            text=question["text"],
            label=name_sentence(question),
            count=question["count"],
            line=line_label(question["line"]),
            reason=question["reason"],
            choices=[
                *_special(run.kind, question, may_create=not run.only_for_id),
                *(AnswerOption(*each) for each in offered[question["sort"]] if question["sort"] not in many),
            ],
            as_text=_name_input(number, question, offered[question["sort"]], types[question["sort"]].url_name)
            if question["sort"] in many
            else None,
        )
        for number, question in enumerate(questions)
    ]


def _name_input(number: int, question: Mapping[str, Any], names: Options, url_name: str) -> LookupInput:
    """Nothing is typed there yet; the names that hold the one of the file are offered."""
    like = [label for _value, label in lookups.matching(names, question["text"])] if question["text"] else []
    name, offered = f"name-{number}{lookups.TYPED}", tuple(like[: lookups.MOST_NEAREST])
    return LookupInput(name, "", offered, reverse(url_name), lookups.what_to_type())


def _special(kind: str, question: Mapping[str, Any], *, may_create: bool) -> list[AnswerOption]:
    choices = [AnswerOption("", _("Choose…"), is_chosen=True)]
    if may_create and _can_be_created(question):
        choices.append(AnswerOption(CREATE, _("Create “%(name)s”") % {"name": question["target"]}))
    if question["sort"] not in MEANINGS:
        choices.append(AnswerOption(LEAVE_OUT, _left_out(kind, question["sort"])))
    return choices


def _left_out(kind: str, name_type: str) -> str:
    """What leaving a name out does to its rows: without a campaign, money and hours are still counted."""
    if name_type == "campaign":
        return _("No campaign: General presence") if kind in ("hours", "spend", "outcomes") else _("No campaign")
    if name_type == "platform" and kind in ("leads", "touches"):
        return _("No platform")
    return _("Leave these rows out")


def _has_short_years(run: ImportRun) -> bool:
    return any(question.get("detail") == "short_years" for question in run.questions)


def _option(run: ImportRun, name: str, chosen: str) -> list[AnswerOption]:
    labels = {
        "dmy": _("the day first: 31/12/2026"),
        "mdy": _("the month first: 12/31/2026"),
        "comma": _("the comma: 1.234,56"),
        "point": _("the point: 1,234.56"),
        "ymd": _("the year first: 26/12/31"),
        "split": _("count it on each of its days"),
        "long_entries:cut": _("count it up to midnight"),
        "long_days:cut": _("count 24 hours of it"),
        "spread": _("spread it evenly over the working days of its week"),
        "leave_out": _("leave it out"),
        "hours": _("hours"),
        "minutes": _("minutes"),
        "seconds": _("seconds"),
        "no": _("no: keep them"),
        "yes": _("yes: take out what is not in it"),
        "submitted:leave_out": _("leave out the hours of submitted weeks"),
        "add": _("articles of one order: their amounts add up"),
        "unattributed": _("refunds of no known sale: they count as unattributed"),
        "once": _("the order, each time with its whole amount: it counts once"),
        "days": _("parts of a day, as a spreadsheet counts: 0.0625 is 1:30"),
    }
    return [
        AnswerOption(value, labels.get(f"{name}:{value}", labels.get(value, "")), value == chosen)
        for value in OPTIONS[name]
        if value != "ymd" or value == chosen or _has_short_years(run)
    ]


def apply_answers(run: ImportRun, answers: Mapping[str, str]) -> list[str]:
    """Put a person's answers into a run's mapping; what makes no sense is passed over, and asked again.

    Return what is wrong with the names that were typed, in sentences.
    """
    mapping = ColumnMapping.from_json(run.mapping)
    _map_columns(run, mapping, answers)
    for name in IMPORTERS[run.kind].fields:
        _fill(mapping, name, answers.get(f"constant-{name}"))
    for option, values in OPTIONS.items():
        if answers.get(option) in values:
            mapping.options[option] = answers[option]
    _open_otherwise(run, mapping, answers)
    _leave_out(run, mapping, answers)
    problems = _map_names(run, mapping, answers)
    run.mapping = mapping.to_json()
    run.create_missing = answers.get("create_missing") == "on" and not run.only_for_id
    return problems


def _open_otherwise(run: ImportRun, mapping: ColumnMapping, answers: Mapping[str, str]) -> None:
    """Keep which line names the columns and which sheets are read."""
    lines = {str(line["line"]) for line in run.counts.get("first_lines", [])}
    if (line := answers.get("header_line")) in lines and line != str(run.counts.get("header_line")):
        mapping.options["header_line"] = str(line)
        mapping.columns = {}  # said of other columns
    if (sheets := answers.get("sheets")) and sheets in {ALL_SHEETS, *run.counts.get("sheets", [])}:
        mapping.options["sheets"] = sheets


def _leave_out(run: ImportRun, mapping: ColumnMapping, answers: Mapping[str, str]) -> None:
    """Keep which lines of this very file are left out; what is no list of lines is passed over."""
    checksum = run.counts.get("checksum")
    written = answers.get("left_out")
    if not checksum or written is None:
        return
    lines = parse_lines(written[:LONGEST_LIST]) if written.strip() else []
    if lines is None:
        return
    if answers.get("leave_out_bad") == "on":
        lines += _bad_lines(run)
    mapping.left_out = {checksum: sorted(set(lines))} if lines else {}


def _bad_lines(run: ImportRun) -> set[int]:
    """The lines with a value that is wrong; none when there are more than can be left out."""
    count = run.counts.get("errors", 0)
    if count <= len(run.errors):
        return {error["line"] for error in run.errors}
    path = errors_path(run)
    if count > MOST_LEFT_OUT or not run.file or not path.is_file():
        return set()
    with path.open(encoding="utf-8") as kept:
        return {json.loads(line)["line"] for line in kept}


def _map_columns(run: ImportRun, mapping: ColumnMapping, answers: Mapping[str, str]) -> None:
    """Keep which column holds which field; a field's usual column need not be kept."""
    header = set(run.counts.get("header", []))
    usual = _usual_columns(run) if header else {}
    for name in IMPORTERS[run.kind].fields:
        column = answers.get(f"column-{name}")
        if column is None or (column and column not in header):
            continue
        if column == usual.get(name, ""):
            mapping.columns.pop(name, None)
        else:
            mapping.columns[name] = column


def _fill(mapping: ColumnMapping, name: str, constant: str | None) -> None:
    """Keep what a field is in every row: None is no answer, an empty one takes an earlier answer back."""
    if constant is None:
        return
    mapping.constants.pop(name, None)
    if constant.strip():
        mapping.constants[name] = constant.strip()[:LONGEST_ANSWER]


def _map_names(run: ImportRun, mapping: ColumnMapping, answers: Mapping[str, str]) -> list[str]:
    problems: list[str] = []
    for number, question in enumerate(_questions(run, "name")[:NAMES_ON_A_PAGE]):
        # The text goes along: another window may have changed what is asked.
        target = _target(run, question["sort"], number, answers, problems)
        if target == CREATE and run.only_for_id:
            continue
        if target and answers.get(f"text-{number}") == question["text"]:
            mapping.map_name(question["sort"], question["text"], target[:LONGEST_ANSWER])
    return problems


def _target(run: ImportRun, name_type: str, number: int, answers: Mapping[str, str], problems: list[str]) -> str:
    """What a name was said to stand for: what was chosen, or the one whose name was typed; "" for nothing yet."""
    chosen = answers.get(f"name-{number}", "")
    typed = answers.get(f"name-{number}{lookups.TYPED}", "").strip()
    if not typed:
        return chosen
    words = {"name": answers.get(f"text-{number}", "")[:LONGEST_ANSWER], "typed": typed[:LONGEST_ANSWER]}
    if chosen:
        problems.append(_("%(name)s: choose one of the answers or write “%(typed)s”, not both.") % words)
        return ""
    try:
        return str(lookups.find(IMPORTERS[run.kind].directory_types[name_type].choices(), typed))
    except lookups.NotOneName as error:
        problems.append(_("%(name)s: %(problem)s") % {"name": words["name"], "problem": error})
        return ""
