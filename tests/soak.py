"""The table of figures that a long campaign ends with: what was tried, how often, and whether it held.

A test hands its figures to pytest's own `record_property("kills", 20)`; whole numbers of one test function are added up
over its cases. A campaign that fails shows what it had counted until then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

NAME, CASES = 78, 6


@dataclass
class Campaign:
    """All cases of one test function."""

    held: int = 0
    failed: int = 0
    figures: dict[str, Any] = field(default_factory=dict)

    def add(self, report: Any) -> None:
        self.held += report.passed
        self.failed += report.failed
        for name, value in report.user_properties:
            self.figures[name] = self.figures.get(name, 0) + value if isinstance(value, int) else value

    @property
    def row(self) -> str:
        cases = f"{self.held}" if not self.failed else f"{self.failed} FAILED of {self.held + self.failed}"
        counted = ", ".join(f"{name} {value:,}" for name, value in self.figures.items())
        return f"{cases:>{CASES}}  {counted}".rstrip()


def table(reports: Iterable[Any]) -> list[str]:
    """Return a line for each campaign that counted something: its name, the cases that held, and its figures."""
    campaigns: dict[str, Campaign] = {}
    for report in reports:
        if report.user_properties and (report.when == "call" or report.failed):
            name = report.nodeid.rpartition("::")[2].partition("[")[0].removeprefix("test_").replace("_", " ")
            campaigns.setdefault(name, Campaign()).add(report)
    head = f"{'what holds':<{NAME}} {'cases':>{CASES}}  what was counted"
    return [head, *(f"{name:<{NAME}} {campaign.row}" for name, campaign in campaigns.items())] if campaigns else []
