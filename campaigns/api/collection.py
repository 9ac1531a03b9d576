"""What lists of rows share: read, add, change, void, restore, and many at once. Each noun says what is its own.

Writing goes through the forms of the pages, so that a program is refused what a person is refused, in the same words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms import BaseForm, CheckboxInput
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import BaseModel

from campaigns.models import Agency
from campaigns.views import editing
from core import task_queue
from core.access import Role
from core.api import gate, paging, problems
from core.api.access import READ, WRITE, BearerToken, Caller, caller_of
from core.api.paging import Number, Page, Sent
from core.api.problems import Problem
from core.lists import Listing
from core.weeks import Week

NAMESPACE = "api-v1"
# As a decimal, `.` before the cents: what other shapes mean is for people to say.
CURRENCY = r"^[A-Z]{3}$"
AMOUNT = r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$"

FormMaker = Callable[[HttpRequest, Any, Any], BaseForm]


class VoidIn(Sent):
    reason: str = Field("", max_length=200)


@dataclass(frozen=True)
class Collection:
    """One noun: its rows, who may, how a row is shown, and the forms that write it.

    `fields` are the names that the API has for the fields of a form, where they differ. `form` takes the request, the
    row (None for a new one) and the data; `as_typed` writes what was sent as people type it there. `of_directors` is
    what a director is shown in fields that are null to everybody else.
    """

    name: str
    one: str
    scope: str
    roles: Sequence[Role]
    listing: Listing
    rows: Callable[[], models.QuerySet]
    show: Callable[[Any], Any]
    out: type[Schema]
    sent: type[Sent] | None = None
    form: FormMaker | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    as_typed: Callable[[dict[str, Any]], dict[str, Any]] = lambda data: data
    check_restore: Callable[[Any], None] = lambda row: None
    hold_first: Callable[[Any], None] = lambda row: None
    of_directors: Callable[[Any], Mapping[str, Any]] = lambda row: {}

    @property
    def plural(self) -> str:
        """What it is called in a name of ours: `outcome_values`."""
        return self.name.replace("-", "_")

    @property
    def words(self) -> str:
        return self.name.replace("-", " ")

    @property
    def one_in_words(self) -> str:
        """One of its rows in a sentence: `a platform`, `an outcome value`."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one.replace('_', ' ')}"

    def url_name(self, *parts: str) -> str:
        return "_".join([self.one, *parts])

    def address(self, pk: int) -> str:
        return reverse(f"{NAMESPACE}:{self.one}", args=[pk])

    def reader(self) -> BearerToken:
        return BearerToken(f"{self.scope}:{READ}", self.roles)

    def writer(self, **shows: Any) -> BearerToken:
        return BearerToken(f"{self.scope}:{WRITE}", self.roles, **shows)

    def get(self, pk: int, *, held: bool = False) -> Any:
        """The row, which is held until the transaction ends when something is to be written."""
        rows = self.rows()
        if held:
            self._hold(rows.model._default_manager.all(), pk)
        if (row := rows.filter(pk=pk).first()) is None:
            raise Http404
        return row

    def _hold(self, rows: models.QuerySet, pk: int) -> None:
        """Lock the row alone, in a statement of its own: what is joined or grouped cannot be locked."""
        if row := rows.filter(pk=pk).first():
            self.hold_first(row)
            rows.select_for_update().filter(pk=pk).values_list("pk").first()

    def shown_to(self, caller: Caller, row: Any) -> Any:
        """What this caller sees of the row."""
        shown = self.show(row)
        return shown.model_copy(update=dict(self.of_directors(row))) if caller.is_director else shown

    def answer(self, request: HttpRequest, response: HttpResponse, row: Any, status: int = 200) -> Status:
        """The row as it is now, with its version and its address."""
        shown = self.shown_to(caller_of(request), self.get(row.pk))
        response["ETag"] = gate.quoted(gate.version_of(shown))
        response["Location"] = self.address(row.pk)
        return Status(status, shown)

    def write(self, form: BaseForm, *, row: Any = None) -> Any:
        """Save a form that holds; a problem with its sentences for one that does not."""
        if not form.is_valid() or not editing.saved(form):  # type: ignore[arg-type]
            raise problems.of_form(form, {theirs: ours for ours, theirs in self.fields.items()})
        return form.instance  # type: ignore[attr-defined]

    def data(self, sent: BaseModel) -> dict[str, Any]:
        """What was sent, under the names of the form's fields, as a browser would send it."""
        values = sent.model_dump(exclude_unset=True)
        currency = values.pop("currency", None)
        check_currency(currency)
        return self.as_typed({self.fields.get(name, name): typed(value) for name, value in values.items()})


def check_currency(currency: str | None) -> None:
    own = Agency.current().currency
    if currency not in (None, own):
        sentence = _("Amounts are in %(own)s here. Other currencies are converted when rows are sent together.")
        raise Problem(422, errors=[{"field": "currency", "message": sentence % {"own": own}}])


def typed(value: Any) -> Any:
    """A value as a form reads it."""
    if value is None or value is False:
        return ""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def as_it_is(form: BaseForm) -> dict[str, Any]:
    """What the form of a row that nobody has touched would send: a change then says only what it changes."""
    return {form.add_prefix(name): _as_sent(form, name) for name in form.fields}


def _as_sent(form: BaseForm, name: str) -> Any:
    value, widget = form[name].value(), form.fields[name].widget
    if isinstance(widget, CheckboxInput):
        return "on" if value else ""
    shown = widget.format_value(value)
    return (shown[0] if shown else "") if isinstance(shown, list) else ("" if shown is None else shown)


# -- how things are shown ---------------------------------------------------------------------------------------------

ShownT = TypeVar("ShownT", bound=Schema)


def filled(out: type[ShownT], row: models.Model, **more: Any) -> ShownT:
    """What is shown of a row: fields of the same names, other rows by their numbers; `more` is written otherwise."""
    columns = {column.name: column.attname for column in row._meta.concrete_fields}
    names = out.model_fields.keys() - more.keys()
    return out(**{name: getattr(row, columns.get(name, name)) for name in names}, **more)


def amount(cents: int | None) -> str | None:
    """Cents as a decimal: `1234.50`."""
    return None if cents is None else str(Decimal(cents).scaleb(-2))


def week_of(monday: date) -> str:
    return str(Week(monday))


# -- addresses --------------------------------------------------------------------------------------------------------


def add_reading(router: Router, each: Collection) -> None:
    """The list and one row of it."""
    query_schema = paging.query_of(each.listing, f"{each.one.title()}Query")

    def read_list(request: HttpRequest, query: Query[query_schema]) -> Any:  # type: ignore[valid-type]
        paging.known_only(request, query_schema)
        rows = paging.narrowed(each.rows(), each.listing, request)
        return paging.page_of(rows, query, partial(each.shown_to, caller_of(request)))

    def read_one(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
        return each.answer(request, response, each.get(pk))

    summary = each.words.capitalize()
    router.get(f"/{each.name}", response=Page[each.out], auth=each.reader(), url_name=each.plural, summary=summary)(  # type: ignore[name-defined]
        read_list
    )
    router.get(
        f"/{each.name}/{{int:pk}}",
        response=each.out,
        auth=each.reader(),
        url_name=each.one,
        summary=each.one_in_words.capitalize(),
    )(read_one)


def add_writing(router: Router, each: Collection) -> None:
    """Add one, and change one of which the writer has seen the version."""
    sent, form = each.sent, each.form
    assert sent is not None
    assert form is not None

    def add(request: HttpRequest, response: HttpResponse, body: sent) -> Any:  # type: ignore[valid-type]
        untouched = form(request, None, None)
        made = each.write(form(request, None, as_posted(each, untouched, body)))
        return each.answer(request, response, made, 201)

    def change(request: HttpRequest, response: HttpResponse, pk: Number, body: sent) -> Any:  # type: ignore[valid-type]
        with transaction.atomic():
            row = each.get(pk, held=True)
            gate.check_version(request.headers, each.shown_to(caller_of(request), row))
            untouched = form(request, row, None)
            each.write(form(request, row, as_posted(each, untouched, body)))
        return each.answer(request, response, row)

    router.post(
        f"/{each.name}",
        response={201: each.out},
        auth=each.writer(),
        url_name=each.plural,
        summary=f"Add {each.one_in_words}",
    )(add)
    router.patch(
        f"/{each.name}/{{int:pk}}",
        response=each.out,
        auth=each.writer(),
        url_name=each.one,
        summary=f"Change {each.one_in_words}",
    )(change)


def as_posted(each: Collection, untouched: BaseForm, body: BaseModel) -> dict[str, Any]:
    """What the form of a row would be sent: all that is there, but for what the body says."""
    ours = {theirs: ours for ours, theirs in each.fields.items()}
    data = each.data(body)
    if unknown := [ours.get(name, name) for name in data if name not in untouched.fields]:
        raise Problem(422, errors=[{"field": name, "message": _("This cannot be changed here.")} for name in unknown])
    return as_it_is(untouched) | {untouched.add_prefix(name): value for name, value in data.items()}


def add_voiding(router: Router, each: Collection) -> None:
    """Stop counting a row, and count it again."""

    def void(request: HttpRequest, response: HttpResponse, pk: Number, body: VoidIn) -> Any:
        with transaction.atomic():
            row = each.get(pk, held=True)
            if not row.is_void:
                row.void(at=timezone.now(), reason=body.reason)
                task_queue.enqueue_on_commit()
        return each.answer(request, response, row)

    def restore(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
        with transaction.atomic():
            row = each.get(pk, held=True)
            if row.is_void:
                _restored(each, row)
        return each.answer(request, response, row)

    for view, verb in ((void, "void"), (restore, "restore")):
        router.post(
            f"/{each.name}/{{int:pk}}/{verb}",
            response=each.out,
            auth=each.writer(),
            url_name=each.url_name(verb),
            summary=f"{verb.capitalize()} {each.one_in_words}",
        )(view)


def _restored(each: Collection, row: Any) -> None:
    try:
        each.check_restore(row)
        with transaction.atomic():
            row.restore()
            task_queue.enqueue_on_commit()
    except ValidationError as error:
        raise problems.of_django(error, 409) from error
    except IntegrityError as error:
        raise Problem(409, _("It cannot be restored: another one has replaced it.")) from error
