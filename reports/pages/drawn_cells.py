"""The values of the cells of the dashboard that a template draws; what is empty is not there for it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core import money
from reports.figures.formatting import per_unit
from reports.pages.next_action import next_action
from reports.pages.platform_rows import PlatformRow

Drawn = Mapping[str, str]


def return_drawn(row: PlatformRow) -> Drawn:
    """The return in the end; a dash for a platform of which nothing is said."""
    if row.in_the_end is None:
        return {"dash": money.NO_FIGURE if row.key else ""}
    return {"returned": per_unit(row.in_the_end.value)}


def range_drawn(row: PlatformRow) -> Drawn:
    """The return in the end and its bounds, as a bar around the break-even line."""
    bar, back = row.bar, row.in_the_end
    if bar is None or back is None:
        return {}
    label = _("%(r)s back per %(unit)s, likely %(low)s to %(high)s")
    words = {"r": back.value, "low": back.low, "high": back.high}
    return {
        "label": label % {"unit": money.one_unit(), **{name: per_unit(value) for name, value in words.items()}},
        **bar.coordinates(),
    }


def action_drawn(row: PlatformRow) -> Drawn:
    """What to do about a platform, and how sure its verdict is."""
    action, verdict = next_action(row), row.verdict
    done = {"words": action.words, "path": action.path}
    if verdict is None:
        return done
    rule = {"rule": verdict.disagreeing_rule, "rule_words": verdict.disagreeing_words}
    return {**done, "clause": verdict.clause, "assessed": "yes" if verdict.assessment else "", **rule}


def spark_drawn(row: PlatformRow) -> Drawn:
    """The hours week by week."""
    spark = row.spark
    return {"points": spark.points, "last_x": spark.last_x, "last_y": spark.last_y} if spark else {}
