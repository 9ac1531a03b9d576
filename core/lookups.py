"""One of many, found by its name: past a number of choices a field is a text with some of them, not a list of all.

A name that was typed has a parameter of its own, `campaign_named` beside `campaign`: a name may be a number too, and
would then be taken for that of another row (docs/adr/0058).
"""

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from core.list_words import and_more, truncate
from core.statements import Statement

Options = Sequence[tuple[Any, Any]]  # of each choice its value, and what it is called

MOST_LISTED = 100  # choices that still are a list
MOST_OFFERED = 20  # names that are offered under a text
MOST_NEAREST = 5
MOST_LATELY = 200  # rows in which is looked for what was used lately
LONGEST_NAME = 600
TYPED = "_named"
SEPARATOR = " · "  # between a name and what tells it from its like: a campaign and its client
END = "\x00"  # what no name holds


@dataclass(frozen=True)
class Lookup:
    """Where the names of one kind are found by a part of them, and the values that were used lately, newest first."""

    url_name: str
    lately: Callable[[], Iterable[Any]] = tuple


class NotOneName(Exception):
    """A text that names none of the choices, or several; the argument is the sentence for it."""


@dataclass(frozen=True, slots=True)
class LookupInput:
    """A text in which one of many is named, as a page draws it."""

    name: str
    text: str
    offered: tuple[str, ...]
    url: str
    placeholder: Any = ""


def are_many(options: Sized) -> bool:
    """Whether there are more of them than a list should hold."""
    return len(options) > MOST_LISTED


@cache
def latest(model: type[Model], name: str) -> Callable[[], list[Any]]:
    """What the newest rows of a table have in a column, each value once."""
    newest: Statement[Any] = Statement(
        lambda: model._default_manager.order_by("-pk").values_list(name, flat=True)[:MOST_LATELY]
    )

    def values() -> list[Any]:
        return list(dict.fromkeys(value for value in newest.rows() if value is not None))

    return values


# -- what a text names ------------------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """A name without case, accents and spaces that nobody sees."""
    return " ".join(_without_marks(text).split())


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold())
    for mark in filter(unicodedata.combining, set(letters)):
        letters = letters.replace(mark, "")
    return letters


def _with_folded(options: Options) -> list[tuple[tuple[Any, str], str]]:
    """Each choice, and its name folded: all as one text, which takes a fifth of the time.

    Thousands are folded again for each letter that is typed. Nothing is kept until the next one: some are names of
    people, and what a process keeps in its memory no erasure reaches.
    """
    labelled = [(value, str(label)) for value, label in options]
    names = _without_marks("".join(f"{label}{END}" for _value, label in labelled)).split(END)[:-1]
    return [(option, " ".join(name.split())) for option, name in zip(labelled, names, strict=True)]


def matching(options: Options, text: str) -> list[tuple[Any, str]]:
    """The choices that hold each word of a text, those first in which a word begins with each; else in their order."""
    words = folded(text[:LONGEST_NAME]).split()
    found = [(option, name) for option, name in _with_folded(options) if all(word in name for word in words)]
    found.sort(key=lambda pair: -sum(f" {word}" in f" {pair[1]}" for word in words))
    return [option for option, _name in found]


def find(options: Options, text: str, *, by_part: bool = False) -> Any:
    """The value of the one choice of this name, with or without what tells it from its like; raise NotOneName.

    A name in the same letters comes before one in other case. `by_part`: where none has this name, the one that holds
    it; that is for what is only shown, as nothing is written on a guess.
    """
    wanted = folded(text[:LONGEST_NAME])
    known = _with_folded(options)
    ways: list[Callable[[str, str], bool]] = [
        lambda label, _name: label == text.strip(),
        lambda _label, name: name == wanted,
        lambda _label, name: name.startswith(f"{wanted}{SEPARATOR}"),
    ]
    for is_called in ways:
        if found := [option for option, name in known if is_called(option[1], name)]:
            return _only(found, text)
    if by_part and (found := matching(options, text)):
        return _only(found, text)
    raise NotOneName(_none(options, text))


def _only(found: list[tuple[Any, str]], text: str) -> Any:
    if len(found) == 1:
        return found[0][0]
    sentence = _("“%(text)s” can be any of several: %(names)s. Write one of them in full.")
    raise NotOneName(sentence % {"text": truncate(text), "names": _listed(label for _value, label in found)})


def _none(options: Options, text: str) -> str:
    if names := nearest(options, text):
        return _("None is called “%(text)s”. The nearest: %(names)s.") % {
            "text": truncate(text),
            "names": _listed(names),
        }
    return _("None is called “%(text)s”. Type a part of its name, and take one that is offered.") % {
        "text": truncate(text)
    }


def _listed(names: Iterable[str]) -> str:
    some = list(names)
    return and_more(", ".join(some[:MOST_NEAREST]), len(some) - MOST_NEAREST)


def nearest(options: Options, text: str) -> list[str]:
    """The names that hold a text, else those that are written most like it."""
    if not (wanted := folded(text[:LONGEST_NAME])):
        return []
    if found := matching(options, text):
        return [label for _value, label in found]
    by_name = {name.partition(SEPARATOR)[0]: label for (_value, label), name in _with_folded(options)}
    return [by_name[name] for name in difflib.get_close_matches(wanted, by_name, MOST_NEAREST)]


# -- what an address asks, and what a page draws ----------------------------------------------------------------------


def typed_value(query: Mapping[str, str], name: str, label: Any, options: Options, problems: list[str]) -> str | None:
    """The value that a name in an address stands for, "" for none; None when the address has no name of this filter."""
    text = query.get(name + TYPED)
    if text is None or not text.strip():
        return text and ""
    try:
        return str(find(options, text, by_part=True))
    except NotOneName as error:
        words = {"label": label, "problem": str(error)}
        problems.append(_("%(label)s: %(problem)s Until then all are shown.") % words)
        return ""


def what_to_type(nothing: Any = "") -> str:
    """What stands in a text while it is empty: what that means, and that a name is typed there."""
    return _("%(nothing)s, or a name") % {"nothing": nothing} if nothing else _("A part of its name")


def drawn_as_text(
    lookup: Lookup | None, query: Mapping[str, str], name: str, options: Options, value: str, nothing: Any = ""
) -> LookupInput | None:
    """The text for a choice of many: what was typed, else the name of the value; None where a list will do.

    `nothing` is what an empty text means, where it may be empty.
    """
    if lookup is None or not are_many(options):
        return None
    labels = {str(option): str(label) for option, label in options}
    typed = "" if value else query.get(name + TYPED, "")
    lately = [labels[str(used)] for used in lookup.lately() if str(used) in labels]
    first = [str(label) for _value, label in options[:MOST_OFFERED]]
    offered = dict.fromkeys([*nearest(options, typed), *lately, *first])
    text = labels.get(value, "") if value else typed
    return LookupInput(
        name + TYPED, text, tuple(offered)[:MOST_OFFERED], reverse(lookup.url_name), what_to_type(nothing)
    )
