"""Finds the visible strings, in Python and in templates, and brings the translations up to date: `make messages`.

Babel does it, with a reader for Django's templates, so that translating needs no GNU gettext. The catalogues carry no
dates, names or line numbers: they change when a string does, and not otherwise.
"""

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
KEYWORDS = DEFAULT_KEYWORDS | parse_keywords(
    [
        "gettext_lazy",
        "gettext_noop",
        "ngettext_lazy:1,2",
        "pgettext_lazy:1c,2",
        "npgettext_lazy:1c,2,3",
    ]
)
HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


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


def collected() -> Catalog:
    """Every visible string of the product, untranslated."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    template = Catalog()
    for file, line, message, comments, context in extract_from_dir(str(ROOT), methods, options, KEYWORDS):
        template.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return template


def catalogue(path: Path) -> Catalog:
    """The translations in a .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def update(path: Path, template: Catalog) -> None:
    """Add what is new to a .po file, untranslated, and take out what no code says any more."""
    translations = catalogue(path)
    translations.update(template, no_fuzzy_matching=True)
    written = io.BytesIO()
    # Very wide, so that no message is wrapped: a changed word is a changed line.
    write_po(
        written,
        translations,
        width=10_000,
        omit_header=True,
        sort_by_file=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    header = HEADER.format(locale=translations.locale, plural_forms=translations.plural_forms)
    path.write_bytes(header.encode() + written.getvalue())


def main() -> None:
    template = collected()
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        update(path, template)
        untranslated = sum(not message.string or not all(message.string) for message in catalogue(path) if message.id)
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(template)} messages, {untranslated} without a translation\n")


if __name__ == "__main__":
    main()
