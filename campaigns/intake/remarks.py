"""What is odd in a file but no error: counted and said, never silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Each is met `count` times, first in line `line`.
REMARKS: Mapping[str, str | Promise] = {
    "not_wanted": gettext_lazy("%(count)s rows are not won deals and are passed over."),
    "total_row": gettext_lazy("%(count)s rows are totals and are passed over."),
    "left_out": gettext_lazy("%(count)s rows are left out, as you asked for their names."),
    "zero_hours": gettext_lazy("%(count)s rows have no hours and are passed over (line %(line)s first)."),
    "zero_spend": gettext_lazy("%(count)s rows have an amount of 0 and are passed over (line %(line)s first)."),
    "zero_sale": gettext_lazy("%(count)s sales have an amount of 0 (line %(line)s first): they count as sales only."),
    "big_sale": gettext_lazy(
        "%(count)s sales are more than 50 times the middle one of the file (line %(line)s: %(value)s). "
        "Check them: one such sale can carry a verdict."
    ),
    "before_lead": gettext_lazy("%(count)s sales are dated before their lead came in (line %(line)s first)."),
    "in_future": gettext_lazy("%(count)s rows are dated in the future (line %(line)s first)."),
    "no_origin": gettext_lazy(
        "%(count)s leads say no origin (line %(line)s first): what they bring will stand under Unattributed."
    ),
    "no_platform": gettext_lazy("%(count)s rows have a name that you left without a platform."),
    "unlinked": gettext_lazy("%(count)s sales belong to no known lead (line %(line)s first): they stay without one."),
    "no_reason": gettext_lazy(
        "%(count)s leads are disqualified without a reason (line %(line)s first): they count as wrong fit."
    ),
    "campaign_unknown": gettext_lazy(
        "%(count)s touches name a campaign that is not known here (line %(line)s first): they stay without one."
    ),
    "repeated": gettext_lazy("%(count)s rows repeat an earlier one with the same id and count once (line %(line)s)."),
    "overlap": gettext_lazy("%(count)s rows overlap in time with another of the same person (line %(line)s first)."),
    "cell_held": gettext_lazy(
        "%(count)s cells hold hours already (line %(line)s first): the hours of the file are added to them."
    ),
    "cell_replaced": gettext_lazy(
        "%(count)s cells hold other hours already (line %(line)s first): those of the file take their place."
    ),
    "under_a_minute": gettext_lazy("%(count)s cells come to less than half a minute and are left out."),
    "surplus": gettext_lazy("%(count)s rows have more values than the header has columns (line %(line)s first)."),
    "kept": gettext_lazy("%(count)s rows were kept because they changed since, or because other records hang on them."),
}


@dataclass
class Remarks:
    """Counts oddities by code, with the line of the first and what it holds."""

    counted: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, code: str, line: int = 0, value: str = "") -> None:
        one = self.counted.setdefault(code, {"code": code, "count": 0, "line": line, "value": value})
        one["count"] += 1

    def as_json(self) -> list[dict[str, Any]]:
        return list(self.counted.values())


def sentences(remarks: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(REMARKS[one["code"]]) % one for one in remarks if one["code"] in REMARKS]


def describe_question(question: Mapping[str, Any]) -> str:
    """Say what is asked, and how a map answers it."""
    return str(QUESTIONS[question["ask"]]) % question if question["ask"] in QUESTIONS else _describe_name(question)


def _describe_name(question: Mapping[str, Any]) -> str:
    sentence = str(NAME_QUESTIONS.get((question["sort"], question["reason"])) or UNKNOWN_NAMES[question["sort"]])
    where = _("(%(count)s rows, line %(line)s first)") % question
    return f"{sentence % question} {where}"


QUESTIONS: Mapping[str, str | Promise] = {
    "date_order": gettext_lazy(
        "Column “%(column)s”: is the day or the month first? In a map: option,dmy,date_order or option,mdy,date_order."
    ),
    "decimal": gettext_lazy(
        "Column “%(column)s”: is the comma or the point the decimal sign? In a map: option,comma,decimal or "
        "option,point,decimal."
    ),
    "column": gettext_lazy(
        "Which column holds %(label)s? In a map: column,HEADER,%(field)s, or constant,VALUE,%(field)s for all rows."
    ),
    "absent": gettext_lazy("The file has no column “%(column)s”, which the map names."),
}

UNKNOWN_NAMES: Mapping[str, str | Promise] = {
    "platform": gettext_lazy(
        "There is no platform “%(target)s”. Create it, or say what it is; in a map: platform,%(text)s,NAME."
    ),
    "campaign": gettext_lazy(
        "There is no campaign “%(target)s”. Create it, or say what it is; in a map: campaign,%(text)s,NAME."
    ),
    "person": gettext_lazy(
        "Nobody is called “%(target)s”. Add this person, or say who it is; in a map: person,%(text)s,E-MAIL."
    ),
    "status": gettext_lazy(
        "“%(target)s” is not a status of a lead. In a map: status,%(text)s,qualified (or new, disqualified, won, lost)."
    ),
}

NAME_QUESTIONS: Mapping[tuple[str, str], str | Promise] = {
    ("platform", "blank"): gettext_lazy("Some rows name no platform. Say which it is; in a map: platform,,NAME."),
    ("person", "blank"): gettext_lazy("Some rows name no person. Say who it is; in a map: person,,E-MAIL."),
    ("campaign", "ambiguous"): gettext_lazy(
        "Two clients have a campaign “%(target)s”. Say which; in a map: campaign,%(text)s,Client / Campaign."
    ),
    ("person", "ambiguous"): gettext_lazy(
        "Two people are called “%(target)s”. Say who is meant; in a map: person,%(text)s,E-MAIL."
    ),
    ("person", "no_email"): gettext_lazy(
        "Nobody is called “%(target)s”, and adding a person takes an e-mail address, which this file does not have. "
        "Add the person first, or say who it is; in a map: person,%(text)s,E-MAIL."
    ),
}
