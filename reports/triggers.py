"""What the database remembers about credits; core/triggers.py says how."""

from campaigns.triggers import mark_cells, marking
from core.triggers import Installable

# Whoever writes, moves or takes away a credit, a deleted lead too, marks the cells that it counts in on both bases.
TRIGGERS: list[Installable] = [
    *marking("reports_credit", *(mark_cells(week, week, costs=False) for week in ("work_week", "money_week")))
]
