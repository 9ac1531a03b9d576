"""A form field for one row of a table: a list while they are few, else a text in which one is named."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.urls import reverse

from core import lookups
from core.lookups import Lookup, LookupInput, NotOneName


class TypedName(str):
    """A name that was typed, where a list would have sent a number."""

    __slots__ = ()


class FewRows(ModelChoiceIterator):
    """The choices of a list, read up to the number from which on they are none."""

    field: "NamedRowField"

    @cached_property
    def rows(self) -> list[Model]:
        return list(self.queryset[: lookups.MOST_LISTED + 1])

    @property
    def is_long(self) -> bool:
        return lookups.are_many(self.rows)

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from map(self.choice, self.rows)


class SelectOrLookup(forms.Select):
    """Draws the field as a list, or as a text with some of the names, which htmx exchanges while one types."""

    choices: Any

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = data.get(name + lookups.TYPED)
        return super().value_from_datadict(data, files, name) if typed is None else TypedName(typed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and name + lookups.TYPED not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        if not isinstance(value, TypedName) and not self.choices.is_long:
            return super().render(name, value, attrs, renderer)
        attrs = self.build_attrs(self.attrs, attrs)
        drawn = self.choices.field.lookup_input(name, value)
        return render_to_string("_lookup_input.html", {"input": drawn, "id": attrs.pop("id", name), "attrs": attrs})


class NamedRowField(forms.ModelChoiceField):
    """One of these rows, by its number from a list, or by its name from a text.

    `likeliest` is the order in which rows are offered under a text after those that were used lately; `labelled` says
    what a row is called.
    """

    widget = SelectOrLookup
    iterator = FewRows

    def __init__(
        self,
        queryset: QuerySet,
        *,
        lookup: Lookup,
        likeliest: tuple[Any, ...] = ("-pk",),
        labelled: Callable[[Any], str] = str,
        **kwargs: Any,
    ) -> None:
        super().__init__(queryset, **kwargs)
        self.lookup, self.likeliest, self.labelled = lookup, likeliest, labelled

    def label_from_instance(self, obj: Any) -> str:
        return self.labelled(obj)

    def to_python(self, value: Any) -> Any:
        return self._named(value) if isinstance(value, TypedName) else super().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            row = self.to_python(data)
        except ValidationError:
            return True
        return super().has_changed(initial, self.prepare_value(row) if row else "")

    def _named(self, text: str) -> Any:
        if not text.strip() or text.strip() == str(self.empty_label):
            return None
        rows = {row.pk: row for row in self._rows()}
        try:
            return rows[lookups.find([(pk, self.labelled(row)) for pk, row in rows.items()], text)]
        except NotOneName as error:
            raise ValidationError(str(error), code="invalid_choice") from error

    def _rows(self) -> QuerySet:
        rows: QuerySet = self.queryset  # type: ignore[assignment]
        return rows

    def lookup_input(self, name: str, value: Any) -> LookupInput:
        """What is drawn where there are many: the name that was typed, or that of the row, and what may be meant."""
        typed = value if isinstance(value, TypedName) else ""
        return LookupInput(
            name + lookups.TYPED,
            typed or self._label_of(value),
            self._offered(typed),
            reverse(self.lookup.url_name),
            lookups.what_to_type("" if self.required else self.empty_label or ""),
        )

    def _label_of(self, value: Any) -> str:
        try:
            row = super().to_python(value)
        except ValidationError:
            return ""
        return self.labelled(row) if row else ""

    def _offered(self, typed: str) -> tuple[str, ...]:
        """The nearest to what was typed, then what was used lately, then what is likely."""
        near = lookups.nearest([(row.pk, self.labelled(row)) for row in self._rows()], typed) if typed else []
        lately = list(self.lookup.lately())[: lookups.MOST_OFFERED]
        by_key = {row.pk: row for row in self._rows().filter(pk__in=lately)} if lately else {}
        used = [by_key[pk] for pk in lately if pk in by_key]
        likely = self._rows().order_by(*self.likeliest)[: lookups.MOST_OFFERED]
        return tuple(dict.fromkeys([*near, *map(self.labelled, [*used, *likely])]))[: lookups.MOST_OFFERED]
