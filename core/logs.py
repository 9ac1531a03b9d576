"""What the log contains, and what it omits: names, addresses and anything that people typed (docs/operations.md).

In production each line is one JSON object. It names the request or the task that wrote it, and the user by number
only. The text of an error may quote what somebody typed, so the log holds the type of the error and its frames; it
holds the text of those errors only that quote nothing, such as a database that does not answer.
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
MOST_FRAMES = 12
LONGEST_TEXT = 300
# Their first line is the server's own words: which address did not answer, which lock was waited for, which rule was
# broken. The lines after it (PostgreSQL's DETAIL) quote the row.
QUOTE_NOTHING = (OperationalError, IntegrityError, BrokerError, RedisError, SoftTimeLimitExceeded)

E_MAIL = re.compile(r"[^\s<>\"'(),:;=]+@[^\s<>\"'(),:;=]+")
IP_4 = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b")
IP_6 = re.compile(r"(?<![\w:])([0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}):[0-9a-fA-F:]*[0-9a-fA-F](?![\w:])")
LONGEST_SEGMENT = 20  # of a path: what is longer is a signed link or a key, which opens something

LogContext = Mapping[str, Any]

EMPTY: LogContext = MappingProxyType({})

_context: ContextVar[LogContext] = ContextVar("log_context", default=EMPTY)


# -- what the lines of one request or task share ----------------------------------------------------------------------


@contextmanager
def log_context(**values: Any) -> Iterator[None]:
    """Add these values to every line written in the block; a function is called for each line."""
    token = begin_context(**values)
    try:
        yield
    finally:
        end_context(token)


def begin_context(**values: Any) -> Token[LogContext]:
    """Do the same where the beginning and the end are two functions, called in one thread."""
    return _context.set({**_context.get(), **values})


def end_context(token: Token[LogContext]) -> None:
    _context.reset(token)


def context_value(name: str) -> Any:
    return _context.get().get(name)


# -- what is omitted --------------------------------------------------------------------------------------------------


def without_people(text: str) -> str:
    """A text without e-mail addresses, and with IP addresses cut to their network."""
    return IP_6.sub(r"\1::", IP_4.sub(r"\1.0", E_MAIL.sub("[e-mail]", text)))


def safe_path(path: str) -> str:
    """Return the path without the keys of signed links, cut to a length that a line bears."""
    parts = ("[…]" if len(part) > LONGEST_SEGMENT else part for part in path[:LONGEST_TEXT].split("/"))
    return without_people("/".join(parts))


def safe_error(error: BaseException) -> str:
    """Describe an error in one line that quotes nobody: its type, and its text when the server wrote it.

    An error of ours whose text is about this machine alone says so with `quotes_nobody = True`.
    """
    parts = [type(error).__name__]
    if (isinstance(error, QUOTE_NOTHING) or getattr(error, "quotes_nobody", False)) and str(error):
        parts.append(without_people(str(error).splitlines()[0])[:LONGEST_TEXT])
    elif isinstance(error, OSError) and error.strerror:
        parts.append(error.strerror)
    return ": ".join(parts)


def frames(trace: TracebackType | None) -> list[str]:
    """Return the frames of an error, innermost last: file, line and function, without the line's text."""
    return [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-MOST_FRAMES:]
    ]


def _short(file_name: str) -> str:
    path = Path(file_name)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-2:])


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, then its causes."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


# -- writing ----------------------------------------------------------------------------------------------------------


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, then the context, then an error with its frames."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            **{name: value() if callable(value) else value for name, value in _context.get().items()},
            **getattr(record, "log_context", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [
                {"error": safe_error(error), "places": frames(error.__traceback__)}
                for error in chain(record.exc_info[1])
            ]
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


class PlainLines(logging.Formatter):
    """For a developer's terminal: a line to read, with the whole traceback."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        values = getattr(record, "log_context", {})
        return " ".join([super().format(record), *(f"{name}={value}" for name, value in values.items())])


def message_of(record: logging.LogRecord) -> str:
    """Return the message with only those words of its arguments that the log may hold."""
    path = getattr(getattr(record, "request", None), "path", None)
    message = str(record.msg)
    if isinstance(record.args, Mapping):
        message = message % {**{name: _safe(value, path) for name, value in record.args.items()}, **_safe_task(record)}
    elif record.args:
        message = message % tuple(_safe(value, path) for value in record.args)
    return without_people(message)


def _safe_task(record: logging.LogRecord) -> dict[str, str]:
    """Replace what Celery quotes of a task that failed by the safe error; the context holds its arguments."""
    if record.name != "celery.app.trace":
        return {}
    error = safe_error(record.exc_info[1]) if record.exc_info and record.exc_info[1] else "see the errors"
    return {"exc": error, "traceback": "", "args": "", "kwargs": "", "return_value": ""}


def _safe(value: object, path: str | None) -> object:
    if isinstance(value, BaseException):
        return safe_error(value)
    return safe_path(value) if isinstance(value, str) and value == path else value
