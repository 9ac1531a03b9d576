"""Every signal that the project listens to stands in docs/architecture.md: a listener is easily overlooked."""

import gc
import re
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from celery.utils.dispatch import Signal as CelerySignal
from django.dispatch import Signal

ROOT = Path(__file__).resolve().parents[2]
OURS = ("config", "operations", "reports", "timesheets", "campaigns", "core")


def listeners() -> Iterator[Callable[..., Any]]:
    """What is connected to any signal of Django, Celery or a library, and is ours."""
    gc.unfreeze()  # what was there before the tests is kept out of the collector's sight: tests/conftest.py
    for signal in gc.get_objects():
        if issubclass(type(signal), Signal | CelerySignal):  # isinstance would ask lazy objects
            for _key, receiver, *_more in signal.receivers or ():
                function = receiver() if isinstance(receiver, weakref.ReferenceType) else receiver
                if function is not None and function.__module__.split(".")[0] in OURS:
                    yield function


def test_every_listener_stands_in_the_docs_and_nothing_else_does():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split("## Signals\n")[1].split("\n## ")[0]
    listed = re.findall(r"`(\w+)` of `([\w/]+)\.py` \|$", section, re.MULTILINE)
    named = {f"{path.replace('/', '.')}.{name}" for name, path in listed}
    assert named == {f"{function.__module__}.{function.__name__}" for function in listeners()}
