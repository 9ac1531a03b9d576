"""A campaign's baseline against its run, as it is stored: what was asked, what was read, what was found.

Plain records, written to JSON by the jobs and read back by pages: no arrays here, nothing is fitted. Days and weeks are
ISO texts, weeks by their Monday; money is in cents, as floats, because it is estimated.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from campaigns.models import Agency, Campaign
from core.weeks import Week

# Raised when the shape changes, so that what an older version stored is computed anew rather than misread.
VERSION = 1
# Bounds of the ratio further apart than this say nothing: neither units nor money follow from them.
WIDE = 10


class NotComparableReason(StrEnum):
    """Why there is no comparison; the last five are those of `reports.statistics.interrupted_time_series`."""

    NOT_BEFORE = "not_before"
    SERVES = "serves"
    NO_PLATFORM = "no_platform"
    FEW_BEFORE = "few_before"
    FEW_DURING = "few_during"
    NOTHING_BEFORE = "nothing_before"
    NOTHING_DURING = "nothing_during"
    SHORT_FOR_SEASON = "short_for_season"


class Control(StrEnum):
    """What the campaign is held against: what it cannot have touched."""

    PLATFORMS = "platforms"
    SALES = "sales"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSpec:
    """What a comparison rests on beside the rows: when any of it changes, it is computed anew.

    ``until`` is the Monday of the last week looked at: the last complete one, or that in which the run ended.
    """

    counted: str
    purpose: str
    baseline_starts_on: str
    baseline_ends_on: str
    starts_on: str
    ends_on: str
    until: str
    model: str
    margin: float

    @classmethod
    def of(cls, campaign: Campaign, agency: Agency, week: Week) -> "ComparisonSpec":
        """What this campaign, which has a baseline and a start, asks at the end of ``week``."""
        ends_on = campaign.ends_on
        until = min(week, Week.containing(ends_on)) if ends_on else week
        return cls(
            counted=campaign.counted,
            purpose=campaign.purpose,
            baseline_starts_on=_iso(campaign.baseline_starts_on),
            baseline_ends_on=_iso(campaign.baseline_ends_on),
            starts_on=_iso(campaign.starts_on),
            ends_on=_iso(ends_on),
            until=until.monday.isoformat(),
            model=agency.credit_model,
            margin=float(agency.margin),
        )

    @property
    def last_week(self) -> Week:
        return Week(date.fromisoformat(self.until))

    @property
    def is_running(self) -> bool:
        """Whether the run goes on after the last week that was looked at."""
        return not self.ends_on or date.fromisoformat(self.ends_on) > self.last_week.sunday

    def differs_only_in_time_from(self, other: "ComparisonSpec") -> bool:
        """Whether only time has passed between the two."""
        return replace(self, until=other.until) == other


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonData:
    """The weeks compared, in order of time, and what was read of them.

    ``counts`` are credited to ``platforms``; ``control`` is what came elsewhere, empty without one. ``unrecorded`` is
    the number of weeks of the baseline that lie before anything was recorded: they are left out, for they are no zeros.
    ``unit_cents`` is the revenue of these platforms and weeks for each unit, None when there was none.
    """

    weeks: tuple[str, ...]
    during: tuple[bool, ...]
    counts: tuple[float, ...]
    control: tuple[float, ...]
    control_of: str
    platforms: tuple[int, ...]
    others: tuple[int, ...]
    unrecorded: int
    unit_cents: float | None
    invested_cents: float
    unrated_minutes: int

    @property
    def mondays(self) -> list[Week]:
        return [Week(date.fromisoformat(text)) for text in self.weeks]

    @property
    def before(self) -> list[float]:
        return [count for count, during in zip(self.counts, self.during, strict=True) if not during]

    @property
    def run(self) -> list[float]:
        return [count for count, during in zip(self.counts, self.during, strict=True) if during]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Incremental units x value of one x margin - invested, with the bounds of the units carried over."""

    gain: float
    low: float
    high: float
    roi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What neighbouring weeks have to do with each other beyond trend and season, and what the bounds make of it.

    ``finding`` is one of `reports.statistics.serial_correlation.Neighbours`; ``autocorrelation`` and ``p_value`` are
    those of the test behind it. The bounds are ``widening`` times as wide as for independent weeks.
    """

    finding: str
    autocorrelation: float
    p_value: float
    widening: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """The run against what would have come without it.

    ``ratio`` and its bounds, 95 %: 1 when nothing changed. ``units`` came on top of what was expected. ``plain`` is the
    mean week of the run over that of the baseline, which knows nothing of trends. ``expected`` holds a figure for each
    week compared. ``neighbours`` is None in what was stored when weeks were taken for independent.
    """

    ratio: float
    low: float
    high: float
    units: float
    units_low: float
    units_high: float
    plain: float
    dispersion: float
    has_season: bool
    expected: tuple[float, ...]
    money: Money | None
    neighbours: Neighbourhood | None = None

    @property
    def is_wide(self) -> bool:
        return self.high > WIDE * self.low

    @property
    def is_wide_by_spells(self) -> bool:
        """Whether the bounds are too wide only because weeks may come in good and bad spells."""
        alike = self.neighbours
        return self.is_wide and alike is not None and math.log(self.high / self.low) <= math.log(WIDE) * alike.widening

    @property
    def is_clear(self) -> bool:
        """Whether the bounds are on one side of no change."""
        return self.low > 1 or self.high < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotComparable:
    """Why nothing is said: what was found and what is needed, in weeks or units."""

    reason: str
    found: float = 0
    needed: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRecord:
    """All of it: a `result`, or the `refusal` of one."""

    spec: ComparisonSpec
    data: ComparisonData | None
    refusal: NotComparable | None
    result: ComparisonResult | None


def to_json(record: ComparisonRecord) -> dict[str, Any]:
    """Plain values, under the names that the first version gave them."""
    return {
        "version": VERSION,
        "asked": _lists(asdict(record.spec)),
        "read": record.data and _lists(asdict(record.data)),
        "refused": record.refusal and asdict(record.refusal),
        "found": record.result and _lists(asdict(record.result)),
    }


def from_json(stored: Mapping[str, Any]) -> ComparisonRecord | None:
    """The inverse of `to_json`; None for what another version stored."""
    if stored.get("version") != VERSION:
        return None
    return ComparisonRecord(
        spec=ComparisonSpec(**stored["asked"]),
        data=stored["read"] and ComparisonData(**_tuples(stored["read"])),
        refusal=stored["refused"] and NotComparable(**stored["refused"]),
        result=stored["found"] and _result(stored["found"]),
    )


def is_of_today(stored: Mapping[str, Any]) -> bool:
    """Whether what is stored was found as it would be today: before neighbours were looked at, it was not."""
    return stored.get("version") == VERSION and (not stored["found"] or bool(stored["found"].get("neighbours")))


def _result(found: Mapping[str, Any]) -> ComparisonResult:
    money, neighbours = found["money"], found.get("neighbours")
    parts = {"money": money and Money(**money), "neighbours": neighbours and Neighbourhood(**neighbours)}
    return ComparisonResult(**{**_tuples(found), **parts})


def spec_from_json(stored: Any) -> ComparisonSpec | None:
    """What a stored comparison rests on; None when another version asked for other things."""
    names = {field.name for field in fields(ComparisonSpec)}
    return ComparisonSpec(**stored) if isinstance(stored, dict) and stored.keys() == names else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lists(inner) for name, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
