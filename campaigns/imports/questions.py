"""What must be asked about a file, in sentences that say how a map answers it."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.imports.files.file_reader import line_label
from campaigns.imports.ledger.sentences import complete_question, submitted_described
from campaigns.imports.warnings import cut_short


def describe_question(question: Mapping[str, Any]) -> str:
    """Say what is asked, and how a map answers it."""
    if question["ask"] == "complete":
        return complete_question(question) + " " + _("In a map: option,yes,complete or option,no,complete.")
    if question["ask"] == "submitted":
        return (
            submitted_described(question["weeks"]) + " " + _("To leave them out, in a map: option,leave_out,submitted.")
        )
    question = {name: cut_short(value) for name, value in question.items()}
    sentence = QUESTIONS.get(question.get("detail") or question["ask"])
    return str(sentence) % question if sentence else _describe_name(question)


def _describe_name(question: Mapping[str, Any]) -> str:
    where = _("(%(count)s rows, line %(line)s first)") % {**question, "line": line_label(question["line"])}
    line = MAP_LINES[question["sort"]] % {"text": _as_csv(question["text"])}
    hint = _("In a map: %(line)s.") % {"line": line}
    return f"{name_sentence(question)} {hint} {where}"


def _as_csv(text: str) -> str:
    """A value as a line of a map writes it."""
    needs_quotes = any(character in text for character in ',;\t"\n')
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def name_sentence(question: Mapping[str, Any]) -> str:
    """Say which name stands for nothing, and what to do about it."""
    found = NAME_QUESTIONS.get((question["sort"], question["reason"])) or UNKNOWN_NAMES[question["sort"]]
    return str(found) % {**question, "target": cut_short(question["target"])}


QUESTIONS: Mapping[str, str | Promise] = {
    "sheets": gettext_lazy(
        "Several sheets have the same columns (%(names)s): which one is read, or all? In a map: option,all,sheets or "
        "option,NAME,sheets."
    ),
    "date_order": gettext_lazy(
        "Column “%(column)s”: is the day or the month first? In a map: option,dmy,date_order or option,mdy,date_order."
    ),
    "short_years": gettext_lazy(
        "Column “%(column)s” has years of two digits: which comes first in 02/03/26? In a map: option,dmy,date_order, "
        "option,mdy,date_order or option,ymd,date_order."
    ),
    "duration_unit": gettext_lazy(
        "Column “%(column)s”: what do its numbers count? In a map: option,hours,duration_unit, "
        "option,minutes,duration_unit, option,seconds,duration_unit or option,days,duration_unit."
    ),
    "decimal": gettext_lazy(
        "Column “%(column)s”: is the comma or the point the decimal sign? In a map: option,comma,decimal or "
        "option,point,decimal."
    ),
    "column": gettext_lazy(
        "Which column holds %(label)s? In a map: column,HEADER,%(field)s, or constant,VALUE,%(field)s for all rows."
    ),
    "money_note": gettext_lazy(
        "Column “%(column)s” speaks of money. It is never taken for a note or a duration, because managers read those. "
        "Name another column. In a map: column,HEADER,%(field)s, or column,,%(field)s for none."
    ),
    "order_lines": gettext_lazy(
        "%(count)s lines have the id of an earlier one, with other values (line %(line)s first): do their amounts add "
        "up to one order, or does each hold the whole order's? In a map: option,add,order_lines or "
        "option,once,order_lines."
    ),
    "returns": gettext_lazy(
        "%(count)s rows below 0 do not say which sale they refund, and none or several fit (line %(line)s first): are "
        "they counted as unattributed refunds, or left out? In a map: option,unattributed,returns or "
        "option,leave_out,returns, or name the sales in a column refund_of."
    ),
    "absent": gettext_lazy("The file has no column “%(column)s”, which the map names."),
}

# How a map answers; not translated, since it is to be typed as it stands.
MAP_LINES: Mapping[str, str] = {
    "platform": "platform,%(text)s,NAME",
    "campaign": "campaign,%(text)s,NAME",
    "person": "person,%(text)s,E-MAIL",
    "status": "status,%(text)s,qualified",
    "stage": "stage,%(text)s,won (not_won, partly, refunded)",
}

UNKNOWN_NAMES: Mapping[str, str | Promise] = {
    "platform": gettext_lazy("There is no platform “%(target)s”. Create it, or say what it is."),
    "campaign": gettext_lazy("There is no campaign “%(target)s”. Create it, or say what it is."),
    "person": gettext_lazy("Nobody is called “%(target)s”. Add this person, or say who it is."),
    "status": gettext_lazy("“%(target)s” is not a status of a lead. Say which it is."),
    "stage": gettext_lazy("“%(target)s” is a stage or status that is new here. Say whether its sales count."),
}

NAME_QUESTIONS: Mapping[tuple[str, str], str | Promise] = {
    ("platform", "blank"): gettext_lazy("Some rows name no platform. Say which it is."),
    ("stage", "blank"): gettext_lazy("Some rows have no stage or status. Say whether their sales count."),
    ("person", "blank"): gettext_lazy("Some rows name no person. Say who it is."),
    ("platform", "too_long"): gettext_lazy(
        "“%(target)s” is too long for a platform, which has at most 80 characters. Say which it is."
    ),
    ("platform", "several"): gettext_lazy("“%(target)s” names several platforms. Say which one these rows are of."),
    ("campaign", "too_long"): gettext_lazy(
        "“%(target)s” is too long for a campaign: it has at most 400 characters, its client 120. Say which it is."
    ),
    ("campaign", "ambiguous"): gettext_lazy("Two clients have a campaign “%(target)s”. Say which."),
    ("person", "ambiguous"): gettext_lazy("Two people are called “%(target)s”. Say who is meant."),
    ("person", "no_email"): gettext_lazy(
        "Nobody is called “%(target)s”. Adding a person takes an e-mail address, which this file does not have: add "
        "the person first, or say who it is."
    ),
}
