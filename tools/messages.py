"""Lets Babel find the visible strings in Django's templates, so that translating needs no GNU gettext."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize


def extract_from_template(
    template: IO[bytes], keywords: Mapping[str, Any], comment_tags: Sequence[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield (line, function, messages, comments) for Babel; Django turns the template's tags into Python calls."""
    if not settings.configured:
        settings.configure()
    source = templatize(template.read().decode())
    # The calls stand where the tags stood; to Python, that indentation would mean something.
    flat = "\n".join(line.strip() for line in source.split("\n"))
    yield from extract_python(io.BytesIO(flat.encode()), keywords, comment_tags, dict(options))
