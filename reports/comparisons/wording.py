"""A campaign's run against its baseline, in sentences for a director who knows no statistics."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models.catalogue import ComparedMeasure
from core import money
from reports.comparisons.records import Asked, Compared, Control, Found, Read, Reason, Refused
from reports.figures.formatting import cash, for_each_unit, hours

# The plain ratio is told beside the estimate when they are further apart than this, or on two sides of 1.
TELLING = 1.05
MANY = {
    ComparedMeasure.LEADS: gettext_lazy("leads"),
    ComparedMeasure.QUALIFIED: gettext_lazy("qualified leads"),
    ComparedMeasure.SALES: gettext_lazy("sales"),
}


def units(counted: str, count: float) -> str:
    """`38 leads`, `1.5 qualified leads`, without a sign: with a decimal below ten."""
    number = math.ceil(abs(count))
    text = {
        ComparedMeasure.LEADS: ngettext("%(count)s lead", "%(count)s leads", number),
        ComparedMeasure.QUALIFIED: ngettext("%(count)s qualified lead", "%(count)s qualified leads", number),
        ComparedMeasure.SALES: ngettext("%(count)s sale", "%(count)s sales", number),
    }[ComparedMeasure(counted)]
    return text % {"count": amount(count)}


def amount(count: float) -> str:
    """A number of leads or sales without its sign: whole, but with a decimal below ten where it has one."""
    value = round(abs(count), 1)
    return money.format_number(Fraction(value), digits=1 if value < 10 and value % 1 else 0)


def times(ratio: float) -> str:
    """`0.89`, `1.32`, `2.4`, `15`."""
    return money.format_number(Fraction(ratio), digits=2 if ratio < 2 else 1 if ratio < 10 else 0)


# -- the answer -------------------------------------------------------------------------------------------------------


def answer(asked: Asked, found: Found) -> str:
    """What came on top of what was expected, with its bounds, or that it cannot be told."""
    since = _("Since it started") if asked.is_running else _("While it ran")
    said = {"since": since, "units": units(asked.counted, found.units), "many": MANY[ComparedMeasure(asked.counted)]}
    if found.is_wide:
        return _("%(since)s, too few %(many)s came to tell whether it changed anything.") % said
    bounds = sorted((found.units_low, found.units_high), key=abs)
    said |= {"low": amount(bounds[0]), "high": amount(bounds[1]), "ratio": times(found.ratio)}
    if found.low > 1:
        return _("%(since)s, %(units)s more than expected (%(low)s to %(high)s), %(ratio)s times as many.") % said
    if found.high < 1:
        return _("%(since)s, %(units)s fewer than expected (%(low)s to %(high)s), %(ratio)s times as many.") % said
    said |= {"fewer": amount(found.units_low), "more": amount(found.units_high)}
    if found.units >= 0:
        return (
            _(
                "%(since)s, no clear effect: %(units)s more than expected, but anything"
                " from %(fewer)s fewer to %(more)s more is possible."
            )
            % said
        )
    return (
        _(
            "%(since)s, no clear effect: %(units)s fewer than expected, but anything"
            " from %(fewer)s fewer to %(more)s more is possible."
        )
        % said
    )


def against(read: Read) -> str:
    """What it was held against; without anything, that it is before and after only."""
    if read.control_of == Control.PLATFORMS:
        return _("Against what the other platforms did in the same weeks.")
    if read.control_of == Control.SALES:
        return _("Against all other sales in the same weeks.")
    why = (
        _("the other platforms had weeks with nothing, or next to nothing, to compare with")
        if read.others
        else _("the campaign is on every platform that has figures")
    )
    return _(
        "Before/after only: %(why)s. Whatever else changed in these weeks, the season or the market, is in it too."
    ) % {"why": why}


def plain_ratio(read: Read, found: Found) -> str:
    """What after against before alone would say, where it says something else; else nothing."""
    apart = max(found.plain / found.ratio, found.ratio / found.plain)
    if apart <= TELLING and (found.plain > 1) == (found.ratio > 1):
        return ""
    plain = {"plain": times(found.plain)}
    if read.control_of == Control.NONE:
        return _("The plain before/after ratio is %(plain)s: it leaves out where things were going before.") % plain
    return (
        _("The plain before/after ratio is %(plain)s: it leaves out where things were going, here and elsewhere.")
        % plain
    )


# -- money: for directors ---------------------------------------------------------------------------------------------


def gain(asked: Asked, read: Read, found: Found) -> str:
    """Whether it paid for itself."""
    if found.money is None:
        return _("These platforms brought no revenue in these weeks, so it is not known what one is worth in money.")
    one = found.money
    said = {
        "cost": cash(read.invested_cents),
        "gain": cash(one.gain),
        "loss": cash(-one.gain),
        "low": cash(one.low),
        "high": cash(one.high),
    }
    if one.low > 0:
        text = _("With its cost of %(cost)s taken off, it gained %(gain)s (%(low)s to %(high)s).") % said
    elif one.high < 0:
        text = _("With its cost of %(cost)s taken off, it lost %(loss)s (%(low)s to %(high)s).") % said
    else:
        text = (
            _(
                "Whether it paid for itself is not clear: with its cost of %(cost)s taken off, %(gain)s is the best"
                " estimate, and anything from %(low)s to %(high)s is possible."
            )
            % said
        )
    return " ".join(part for part in (text, _return(found), _unrated(read)) if part)


def _return(found: Found) -> str:
    """The gain for each 1 of cost; none where nothing was paid, or less came than without it."""
    if found.money is None or found.money.roi is None or found.units < 0:
        return ""
    roi = found.money.roi
    said = {"returned": for_each_unit(1 + roi), "roi": money.format_number(Fraction(roi * 100))}
    if found.money.low > 0 or found.money.high < 0:
        return _("That is %(returned)s, ROI %(roi)s %%.") % said
    return _("By that estimate it is %(returned)s, ROI %(roi)s %%.") % said


def _unrated(read: Read) -> str:
    if not read.unrated_minutes:
        return ""
    return _("%(hours)s have no rate, so the true cost is higher.") % {"hours": hours(read.unrated_minutes)}


# -- how it was computed ----------------------------------------------------------------------------------------------


def facts(compared: Compared, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Pairs of a name and what is to know, from what was counted to what the bounds mean."""
    asked, read, found = compared.asked, compared.read, compared.found
    assert read is not None
    told = [(_("Counted"), _counted(asked, read, names)), *_weeks(asked, read)]
    if found is None:
        return told
    told.append((_("Held against"), _held_against(asked, read, names)))
    expected = sum(one for one, during in zip(found.expected, read.during, strict=True) if during)
    told.append((_("Expected without it"), _expected(asked, read, found, expected)))
    return [*told, (_("Bounds"), _bounds(found))]


def _counted(asked: Asked, read: Read, names: Mapping[int, str]) -> str:
    return _("%(many)s credited to %(platforms)s, where this campaign has hours, spend or contacts") % {
        "many": str(MANY[ComparedMeasure(asked.counted)]).capitalize(),
        "platforms": _list(read.platforms, names),
    }


def _weeks(asked: Asked, read: Read) -> list[tuple[str, str]]:
    weeks = read.mondays
    before = len(read.before)
    told = [
        (_("Baseline"), _stretch(asked, [str(week) for week in weeks[:before]], read.before)),
        (_("Run"), _stretch(asked, [str(week) for week in weeks[before:]], read.run)),
    ]
    if read.unrecorded:
        told[0] = (told[0][0], " ".join((told[0][1], unrecorded(read.unrecorded))))
    return told


def _stretch(asked: Asked, weeks: Sequence[str], counts: Sequence[float]) -> str:
    if not weeks:
        return _("No whole week.")
    return ngettext(
        "%(weeks)s whole week, %(first)s: %(units)s.",
        "%(weeks)s whole weeks, %(first)s to %(last)s: %(units)s, %(mean)s a week.",
        len(weeks),
    ) % {
        "weeks": len(weeks),
        "first": weeks[0],
        "last": weeks[-1],
        "units": units(asked.counted, sum(counts)),
        "mean": amount(sum(counts) / len(counts)),
    }


def _held_against(asked: Asked, read: Read, names: Mapping[int, str]) -> str:
    if read.control_of == Control.NONE:
        return _("Nothing: before/after only.")
    before = len(read.before)
    said = {
        "many": str(MANY[ComparedMeasure(asked.counted)]).capitalize(),
        "platforms": _list(read.others, names),
        "before": amount(sum(read.control[:before]) / before),
        "during": amount(sum(read.control[before:]) / (len(read.control) - before)),
    }
    if read.control_of == Control.PLATFORMS:
        return _("%(many)s of %(platforms)s: %(before)s a week before, %(during)s during the run.") % said
    return _("All other sales: %(before)s a week before, %(during)s during the run.") % said


def _expected(asked: Asked, read: Read, found: Found, expected: float) -> str:
    said = {"units": units(asked.counted, expected)}
    parts = [_("%(units)s, had the trend gone on as before.") % said]
    if read.control_of != Control.NONE:
        parts = [_("%(units)s, had they moved with the others, and the trend beside them gone on as before.") % said]
    if found.has_season:
        parts.append(_("The season of the year is allowed for."))
    return " ".join(parts)


def _bounds(found: Found) -> str:
    spread = (
        _("Weeks differ %(spread)s times as much as by chance alone, which is allowed for.")
        % {"spread": times(found.dispersion)}
        if found.dispersion > 1
        else _("Weeks differ no more than by chance.")
    )
    return " ".join((_("They hold the truth 19 times in 20."), spread))


def _list(platforms: Sequence[int], names: Mapping[int, str]) -> str:
    return str(format_list([names.get(one, "?") for one in platforms], locale=money.current_locale()))


# -- refusals ---------------------------------------------------------------------------------------------------------


def refusal(compared: Compared) -> list[str]:
    """Why nothing is said, and what is missing."""
    refused, read = compared.refused, compared.read
    assert refused is not None
    sentences = [_refusal(refused, compared.asked, read)]
    if refused.reason == Reason.FEW_BEFORE and read and read.unrecorded:
        sentences.append(unrecorded(read.unrecorded))
    return sentences


def unrecorded(weeks: int) -> str:
    return ngettext(
        "%(weeks)s week of it lies before anything was recorded here and is left out.",
        "%(weeks)s weeks of it lie before anything was recorded here and are left out.",
        weeks,
    ) % {"weeks": weeks}


def _refusal(refused: Refused, asked: Asked, read: Read | None) -> str:
    found, needed = round(refused.found), round(refused.needed)
    said = {"found": found, "needed": needed, "many": MANY[ComparedMeasure(asked.counted)]}
    match refused.reason:
        case Reason.NOT_BEFORE:
            return _("The baseline must end before the run starts: as the dates are, they overlap.")
        case Reason.SERVES:
            return _(
                "This campaign serves customers: it is not there to bring leads or sales, so they are not compared."
            )
        case Reason.NO_PLATFORM:
            return _("It has no hours, spend or contacts yet, so nobody knows on which platforms to count.")
        case Reason.FEW_BEFORE:
            return (
                ngettext(
                    "The baseline has %(found)s whole week with figures; at least %(needed)s are needed.",
                    "The baseline has %(found)s whole weeks with figures; at least %(needed)s are needed.",
                    found,
                )
                % said
            )
        case Reason.FEW_DURING:
            return (
                ngettext(
                    "The run has %(found)s whole week so far; at least %(needed)s are needed.",
                    "The run has %(found)s whole weeks so far; at least %(needed)s are needed.",
                    found,
                )
                % said
            )
        case Reason.NOTHING_BEFORE:
            said["units"] = units(asked.counted, sum(read.run) if read else 0)
            return (
                _("No %(many)s in the baseline, so there is nothing to hold the %(units)s of the run against.") % said
            )
        case Reason.NOTHING_DURING:
            said["units"] = units(asked.counted, sum(read.before) if read else 0)
            return _("No %(many)s in the run, after %(units)s in the baseline.") % said
        case _:
            return _("These weeks cannot be compared.")
