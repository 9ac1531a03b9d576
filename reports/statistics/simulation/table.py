"""The figures of a world as text."""

from collections.abc import Iterator

import numpy as np

from reports.statistics.arrays import FloatArray
from reports.statistics.simulation.aims import COVERED, TWO_YEARS, YEAR, YEAR_AND_A_HALF, Aim, aims_of
from reports.statistics.simulation.measures import LOOKS, Coverage, WorldRates
from reports.statistics.simulation.worlds import RETURNS, World


def table(figures: WorldRates) -> str:
    """Return the figures of one world, and its aims beside what was reached."""
    parts = [_heading(figures), *_flags(figures), "", *_coverage(figures)]
    if aims := aims_of(figures):
        parts += ["", *map(_aim, aims)]
    return "\n".join(parts) + "\n"


def _heading(figures: WorldRates) -> str:
    return f"{figures.world.name}: {_described(figures.world)}; {figures.runs} agencies"


def _described(world: World) -> str:
    delay, spread = world.usual_delay
    parts = [
        f"{world.sales:g} sales a month to break even",
        f"{world.shape} delay of {world.delay} months (the settings say {delay}, give or take {spread})",
    ]
    if world.lost[0] < world.lost[1]:
        told = "told" if world.is_told else "not told"
        parts.append(f"no records in weeks {world.lost[0] + 1} to {world.lost[1]} ({told})")
    if world.has_many_touchpoints:
        parts.append("one to three touchpoints")
    return ", ".join([*parts, f"lookback of {world.lookback_days} days"])


def _flags(figures: WorldRates) -> Iterator[str]:
    yield _line("true return per 1, as credited", [f"{each:.2f}" for each in figures.world.true_returns()])
    yield _line("true return per 1, as caused", [f"{each:.2f}" for each in RETURNS])
    for months, weeks in ((12, YEAR), (18, YEAR_AND_A_HALF), (24, TWO_YEARS)):
        yield _line(f"ever flagged in {months} months", _parts(figures.ever_flagged(weeks)))
    for months, weeks in ((12, YEAR), (24, TWO_YEARS)):
        yield _line(f"flagged at the end of {months} months", _parts(figures.flagged_at(weeks)))
        yield _line(f"earning at the end of {months} months", _parts(figures.earning_at(weeks)))
        yield _line(f"changes a year in {months} months", [f"{each:.2f}" for each in figures.changes_a_year(weeks)])
    wrong = [f"{_part(figures.wrongly_flagged(weeks))} in {months} months" for months, weeks in ((12, YEAR), (24, 104))]
    yield f"wrongly flagged, of platforms with a return of 1 or more: {', '.join(wrong)}"


def _coverage(figures: WorldRates) -> Iterator[str]:
    yield "80 % intervals: held % (what came lay below % / above %) of their number"
    columns = [("all", None), *((f"week {week}", week) for week in LOOKS)]
    yield f"{'':10}" + "".join(f"{name:>28}" for name, _ in columns)
    for what in COVERED:
        yield f"{what:10}" + "".join(f"{_covered(figures.coverage(what, week=week)):>28}" for _, week in columns)
    for what in COVERED:
        rows = [row for row, true in enumerate(figures.world.true_returns()) if true > 0]
        cells = [f"{RETURNS[row]:g}: {_covered(figures.coverage(what, row=row))}" for row in rows]
        yield f"{what:10}" + "; ".join(cells)


def _covered(found: Coverage) -> str:
    if not found.number:
        return "-"
    return f"{found.inside * 100:.0f} ({found.below * 100:.0f}/{found.above * 100:.0f}) of {found.number:,}"


def _aim(aim: Aim) -> str:
    is_share = aim.high <= 1
    show = _part if is_share else "{:.2f}".format
    aimed = f"at least {show(aim.low)}" if aim.high == 1 else f"{show(aim.low)} to {show(aim.high)}"
    return f"{'reached' if aim.is_reached else 'MISSED':8} {aim.text}: {show(aim.figure)} (aim: {aimed})"


def _line(name: str, cells: list[str]) -> str:
    return f"{name:34}" + "".join(f"{cell:>9}" for cell in cells)


def _parts(values: FloatArray) -> list[str]:
    return [_part(float(value)) for value in values]


def _part(value: float) -> str:
    return "-" if np.isnan(value) else f"{value * 100:.1f} %"
