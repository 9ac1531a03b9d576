"""What the log says, and what it leaves out: nobody's name, address or words (docs/operations.md).

In production each line is one JSON object. It knows the request or the task that it was written in, and who asked by
number alone. The text of an error may quote what somebody typed, so an error is told by its type and by where it
happened; of those that quote nothing, such as a database that does not answer, the text is told too.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, OperationalError
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 12
LONGEST_TEXT = 300
# Their first line is the server's own words: which address did not answer, which lock was waited for, which rule was
# broken. The lines after it (PostgreSQL's DETAIL) quote the row.
QUOTE_NOTHING = (OperationalError, IntegrityError, BrokerError, RedisError, SoftTimeLimitExceeded)

E_MAIL = re.compile(r"[^\s<>\"'(),:;=]+@[^\s<>\"'(),:;=]+")
IP_4 = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b")
IP_6 = re.compile(r"(?<![\w:])([0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}):[0-9a-fA-F:]*[0-9a-fA-F](?![\w:])")
LONGEST_SEGMENT = 20  # of a path: what is longer is a signed link or a key, which opens something

Facts = Mapping[str, Any]

NONE: Facts = MappingProxyType({})

_facts: ContextVar[Facts] = ContextVar("facts", default=NONE)


# -- what the lines of this request or task have in common ------------------------------------------------------------


@contextmanager
def facts(**known: Any) -> Iterator[None]:
    """Every line that is written in this block carries these; one that is a function is asked when a line is."""
    mark = begin(**known)
    try:
        yield
    finally:
        end(mark)


def begin(**known: Any) -> Token[Facts]:
    """The same where the beginning and the end are two functions, called in one thread."""
    return _facts.set({**_facts.get(), **known})


def end(mark: Token[Facts]) -> None:
    _facts.reset(mark)


def known(name: str) -> Any:
    return _facts.get().get(name)


# -- leaving out ------------------------------------------------------------------------------------------------------


def without_people(text: str) -> str:
    """A text without e-mail addresses, and with IP addresses cut to their network."""
    return IP_6.sub(r"\1::", IP_4.sub(r"\1.0", E_MAIL.sub("[e-mail]", text)))


def path_told(path: str) -> str:
    """A path without the keys that signed links carry, and not longer than a line bears."""
    told = ("[…]" if len(part) > LONGEST_SEGMENT else part for part in path[:LONGEST_TEXT].split("/"))
    return without_people("/".join(told))


def described(error: BaseException) -> str:
    """An error in one line that quotes nobody: its type, what it broke, and its text when that is the server's own."""
    told = [type(error).__name__]
    if isinstance(error, QUOTE_NOTHING) and str(error):
        told.append(without_people(str(error).splitlines()[0])[:LONGEST_TEXT])
    elif isinstance(error, OSError) and error.strerror:
        told.append(error.strerror)
    return ": ".join(told)


def places(trace: TracebackType | None) -> list[str]:
    """Where an error came by, innermost last: file, line and function, and not the line's text."""
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-FRAMES:]]


def _short(file_name: str) -> str:
    path = Path(file_name)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-2:])


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it came from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


# -- writing ----------------------------------------------------------------------------------------------------------


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, then the facts, then an error with its places."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            **{name: value() if callable(value) else value for name, value in _facts.get().items()},
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [
                {"error": described(error), "places": places(error.__traceback__)}
                for error in chain(record.exc_info[1])
            ]
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


class PlainLines(logging.Formatter):
    """For a developer's terminal: a line to read, with the whole traceback."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "facts", {})
        return " ".join([super().format(record), *(f"{name}={value}" for name, value in told.items())])


def message_of(record: logging.LogRecord) -> str:
    """The message with its arguments told as the log may tell them."""
    path = getattr(getattr(record, "request", None), "path", None)
    message = str(record.msg)
    if isinstance(record.args, Mapping):
        message = message % {**{name: _told(value, path) for name, value in record.args.items()}, **_task_told(record)}
    elif record.args:
        message = message % tuple(_told(value, path) for value in record.args)
    return without_people(message)


def _task_told(record: logging.LogRecord) -> dict[str, str]:
    """What Celery quotes of a task that failed, without the words of the error; the facts name its arguments."""
    if record.name != "celery.app.trace":
        return {}
    error = described(record.exc_info[1]) if record.exc_info and record.exc_info[1] else "see the errors"
    return {"exc": error, "traceback": "", "args": "", "kwargs": "", "return_value": ""}


def _told(value: object, path: str | None) -> object:
    if isinstance(value, BaseException):
        return described(value)
    return path_told(value) if isinstance(value, str) and value == path else value
