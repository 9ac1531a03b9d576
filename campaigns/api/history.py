"""Who changed what of a row, and when: the versions that its page shows, for programs."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from campaigns.api.collection import Collection, amount, week_of
from campaigns.api.money import SALES_API
from campaigns.api.outcomes import OUTCOME_VALUES_API
from core.api.paging import Number
from core.history import Difference, HistoryStep, steps_of

CENTS = "_cents"
# Hundredths of another currency.
IN_ANOTHER_CURRENCY = "original"
OlderOrNewer = str | int | bool | None


class ChangedFieldOut(Schema):
    """One field before and after, written as the row has it."""

    field: str
    before: OlderOrNewer
    after: OlderOrNewer


class HistoryStepOut(Schema):
    """One save; `is_first` is that which made the row. `by` is null and `by_name` empty where no person did it."""

    at: datetime
    by: int | None
    by_name: str
    is_first: bool
    changes: list[ChangedFieldOut]


def show_steps(steps: Iterable[HistoryStep]) -> list[HistoryStepOut]:
    return [
        HistoryStepOut(
            at=step.at,
            by=step.by_id,
            by_name=step.by,
            is_first=step.is_first,
            changes=[show_difference(each) for each in step.differences],
        )
        for step in steps
    ]


def show_difference(each: Difference) -> ChangedFieldOut:
    before, after = (as_shown(each.column, value) for value in (each.old, each.new))
    return ChangedFieldOut(field=shown_name(each.column), before=before, after=after)


def shown_name(column: str) -> str:
    """`amount_cents` is `amount`, and `original_cents` `original_amount`, as the row itself has them."""
    name = column.removesuffix(CENTS)
    return f"{name}_amount" if column.endswith(CENTS) and name == IN_ANOTHER_CURRENCY else name


def as_shown(column: str, value: Any) -> OlderOrNewer:
    if column.endswith(CENTS):
        return amount(value)
    if isinstance(value, date):
        return week_of(value) if column == "week" else value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


router = Router(tags=["History"])


def add_history(each: Collection) -> None:
    def read_history(request: HttpRequest, pk: Number) -> Any:
        """The newest first, at most 50; who changed what, and when."""
        return show_steps(steps_of(each.get(pk)))

    router.get(
        f"/{each.name}/{{int:pk}}/history",
        response=list[HistoryStepOut],
        auth=each.reader(),
        url_name=each.url_name("history"),
        summary=f"History of {each.one_in_words}",
    )(read_history)


for each in (SALES_API, OUTCOME_VALUES_API):
    add_history(each)
