"""What was measured, as lines for a reader and as a file for a program."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.rounds import Measured

COLUMNS = f"{'work':29}{'ratio':>9}{'floor ms':>12}{'ms':>12}{'CPU ms':>10}{'statements':>12}{'rounds':>9}"


def line(result: Measured | Mapping[str, Any]) -> str:
    """One work; where the floor drifted it says void, and no figure."""
    values = asdict(result) if isinstance(result, Measured) else result
    rounds = f"{values['rounds']}/{values['rounds_tried']}"
    ratio = "void" if values["is_void"] else f"{values['ratio']:.2f}"
    shown = "".join(f"{number(values[name]):>{width}}" for name, width in (("floor", 12), ("system", 12), ("cpu", 10)))
    return (
        f"{values['work']:29}{ratio:>9}{shown}{number(values['statements']):>12}{rounds:>9}  {remarks(values)}".rstrip()
    )


def number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def remarks(values: Mapping[str, Any]) -> str:
    parts = []
    if values["per_second"]:
        parts.append(f"{values['per_second']:,.0f} {values['unit']} a second")
    if values["memory_mb"]:
        parts.append(f"{values['memory_mb']:,} MB at most")
    return "; ".join(parts)


def show(results: Sequence[Mapping[str, Any]]) -> str:
    """All of it, by database, and what each floor is."""
    lines = []
    for database in dict.fromkeys(result["database"] for result in results):
        mine = [result for result in results if result["database"] == database]
        lines += ["", f"{database}, {mine[0]['size']}: {mine[0]['entries']:,} entries", COLUMNS, *map(line, mine)]
    lines += ["", "Each ratio is to its floor in the same round, the median of those that stand:"]
    floors = {result["work"]: result["floor_is"] for result in results}
    return "\n".join([*lines, *(f"  {work:29}{floor}" for work, floor in floors.items())])


def keep(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(results), indent=1) + "\n")
