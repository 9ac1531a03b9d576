"""The table of figures that a long campaign ends with: what was tried, how often, and whether it held.

A test hands its figures to pytest's own `record_property("kills", 20)`; whole numbers of one test function are added up
over its cases, texts are shown as they are below the table. A campaign that fails shows what it had counted until then.
What is marked `claim` is in the table by its cases alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

NAME, CASES = 100, 6


@dataclass
class Campaign:
    """All cases of one test function."""

    held: int = 0
    failed: int = 0
    figures: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def add(self, report: Any) -> None:
        self.held += report.passed
        self.failed += report.failed
        for name, value in report.user_properties:
            if isinstance(value, int):
                self.figures[name] = self.figures.get(name, 0) + value
            else:
                self.texts.append(f"{name}, {report.nodeid.rpartition('[')[2].rstrip(']')}:\n{value}")

    @property
    def row(self) -> str:
        cases = f"{self.held}" if not self.failed else f"{self.failed} FAILED of {self.held + self.failed}"
        counted = ", ".join(f"{name} {value:,}" for name, value in self.figures.items())
        return f"{cases:>{CASES}}  {counted}".rstrip()


def table(reports: Iterable[Any]) -> list[str]:
    """Return a line for each claim and each campaign that counted something: its cases that held, and its figures."""
    campaigns: dict[str, Campaign] = {}
    for report in reports:
        is_shown = report.user_properties or "claim" in report.keywords
        if is_shown and (report.when == "call" or report.failed):
            name = report.nodeid.rpartition("::")[2].partition("[")[0].removeprefix("test_").replace("_", " ")
            campaigns.setdefault(name, Campaign()).add(report)
    return list(_lines(campaigns)) if campaigns else []


def _lines(campaigns: dict[str, Campaign]) -> Iterator[str]:
    yield f"{'what holds':<{NAME}} {'cases':>{CASES}}  what was counted"
    for name, campaign in sorted(campaigns.items()):
        yield f"{name:<{NAME}} {campaign.row}"
    for campaign in campaigns.values():
        for text in campaign.texts:
            yield from ("", *text.splitlines())
