"""Simulated agencies of which the later half is withheld: is what truly came inside the intervals?"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from reports.statistics.results import Assessment, Range
from tests.reports.statistics.agency import RULES, Sale, agency
from tests.reports.statistics.test_assess import judged

COST = 1_000_000.0
# Sales a month that would pay for the cost, and what each platform truly returns per 1.
SALES, RETURNS = (8.0, 4.0, 15.0), (1.5, 0.6, 1.0)


def sold(months: int, generator: np.random.Generator) -> list[Sale]:
    """All sales that the work of these months will ever bring, as in ``reports.statistics.simulation``.

    Their number is negative binomial with variance 1.3 x mean, their worth lognormal with a deviation as large as the
    mean, their delay gamma: five months, give or take two and a half.
    """
    sales: list[Sale] = []
    for platform, (number, true_return) in enumerate(zip(SALES, RETURNS, strict=True)):
        for month in range(months):
            for _ in range(generator.poisson(generator.gamma(number * true_return / 0.3, 0.3))):
                age = int(generator.random() + generator.gamma(4.0, 1.25) * 13 / 12)
                cents = COST / number * generator.lognormal(-np.log(2) / 2, np.sqrt(np.log(2)))
                sales.append((platform, month, age, float(cents)))
    return sales


def coverage(seeds: Iterable[int], *, months: int) -> dict[str, tuple[int, int]]:
    """How many intervals held the truth, of how many that were given: cohorts, totals and returns, by source of p."""
    held: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for seed in seeds:
        sales = sold(months, np.random.default_rng(seed))
        found = judged(agency([[COST] * months] * len(SALES), sales), rules=RULES)
        for platform, one in found.items():
            for kind, interval, truth in intervals(one, platform - 1, sales, months):
                given[kind] += 1
                held[kind] += interval.low <= truth <= interval.high
    return {kind: (held[kind], number) for kind, number in sorted(given.items())}


def intervals(found: Assessment, platform: int, sales: list[Sale], months: int) -> Iterable[tuple[str, Range, float]]:
    """Each interval that was given, with what truly came."""
    worth = [0.0] * months
    for where, month, _, cents in sales:
        if where == platform:
            worth[month] += cents
    if found.delay is None or found.now is None:
        return
    source = found.delay.source
    for one in found.cohorts:
        # Of old ones nothing is to come, and the interval is that nothing.
        if one.expected is not None and one.fan:
            yield f"cohort, {source}", one.expected, worth[months - 1 - one.age]
    if found.total is not None:
        yield f"total, {source}", found.total, sum(worth)
    yield f"return, {source}", found.now.returned, RETURNS[platform]


def test_the_truth_is_inside_the_intervals_about_as_often_as_they_say():
    """They say 80 %. Of 30 agencies with 20 months of work: 90 % of totals, 78 % of returns, 74 % of single months
    with a platform's own pace of returns; with that of all platforms, whose error is not in the interval, 67 %.
    """
    held = coverage(range(1, 13), months=20)
    shares = {kind: inside / number for kind, (inside, number) in held.items() if number >= 20}
    assert set(shares) >= {"cohort, own", "return, own", "total, own"}
    assert shares["cohort, own"] >= 0.65
    assert shares["return, own"] >= 0.65
    assert shares["total, own"] >= 0.75
