"""French says all that English does: every visible string goes through gettext, and every one has its French."""

import re
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from campaigns.capture import snippet
from campaigns.models import Agency
from campaigns.webhooks import chat
from core import list_words, money
from core.weeks import Week
from reports.figures.formatting import for_each_unit
from reports.weekly_email import content
from tests.factories import MemberFactory
from tools.messages import LOCALE, catalogue, collected

ROOT = Path(settings.BASE_DIR)
FRENCH = LOCALE / "fr" / "LC_MESSAGES" / "django.po"
TAG = re.compile(r"<[^>]+>")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%|%[sd]")

# Pages whose words are samples, for those who change the look; they are served with DEBUG only.
SAMPLES = {"style.html"}
# Text that is the same in every language: the name, file formats, how weeks and durations are written, names of keys.
SAME_EVERYWHERE = re.compile(r"Retour|CSV|XLSX|\d+:\d\d|\d{4}-W\d\d|UTF-8")
NOT_READ = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
ENTITY = re.compile(r"&#?\w+;")
READ_ATTRIBUTE = re.compile(r"""\b(?:title|alt|placeholder|aria-label|data-label|label)="([^"]*)\"""")


@pytest.fixture(scope="module")
def strings() -> Catalog:
    return collected()


def french_of(message: Message) -> list[str]:
    string = message.string
    return list(string) if isinstance(string, (list, tuple)) else [string]


def english_of(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (list, tuple)) else [message.id]


def test_every_string_has_its_french(strings: Catalog):
    french = catalogue(FRENCH)
    found = {(one.context, one.id): french.get(one.id, one.context) for one in strings if one.id}
    lacking = [key for key, one in found.items() if one is None or not all(french_of(one)) or one.fuzzy]
    assert not lacking, "run `make messages`, then translate these in locale/fr/LC_MESSAGES/django.po"


def test_no_french_is_kept_for_what_nobody_says(strings: Catalog):
    left_over = [one.id for one in catalogue(FRENCH) if one.id and strings.get(one.id, one.context) is None]
    assert not left_over, "run `make messages`"


def test_placeholders_are_the_same_in_both_languages():
    differing = [
        (one.id, french)
        for one in catalogue(FRENCH)
        if one.id
        for english, french in zip(english_of(one), french_of(one), strict=True)
        if french and sorted(set(PLACEHOLDER.findall(english))) != sorted(set(PLACEHOLDER.findall(french)))
    ]
    assert not differing


def test_french_is_set_as_french_is():
    """Typographic apostrophes and quotation marks; a space that does not break before : ; ! ? % and inside « »."""
    wrong = re.compile(r"""['"“”]| [:;!?»%](?!\()|« |[^\W\d_][;!?%»](?!\w)|\w:(?= |$)""")
    badly_set = [
        french
        for one in catalogue(FRENCH)
        if one.id
        for french in french_of(one)
        if french and wrong.search(PLACEHOLDER.sub("0", TAG.sub("", french)))
    ]
    assert not badly_set


def test_the_catalogue_compiles_without_a_warning(tmp_path: Path):
    command = [sys.executable, "-m", "babel.messages.frontend", "compile", "--input-file", str(FRENCH)]
    done = subprocess.run(
        [*command, "--output-file", str(tmp_path / "django.mo")], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "error" not in done.stderr
    assert "warning" not in done.stderr


def test_the_catalogue_tells_nothing_of_who_made_it_and_when():
    header = FRENCH.read_text().partition("\n\n")[0]
    assert not [word for word in ("@", "Date", "Generated") if word in header]


TEMPLATES = sorted(
    path for pattern in ("*.html", "*.txt") for path in (ROOT / "templates").rglob(pattern) if path.name not in SAMPLES
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_no_words_outside_translations(path: Path):
    assert not words_outside(path.read_text())


def words_outside(source: str) -> list[str]:
    """What a reader would read of a template that stands in no translate tag, in text or in an attribute."""
    literal, end = [], ""
    for token in Lexer(source).tokenize():
        is_text = token.token_type is TokenType.TEXT
        literal.append(token.contents if is_text and not end else "¤")
        if token.token_type is TokenType.BLOCK:
            end = "" if token.contents.split()[0] == end else end or end_of_unread(token.contents)
    text = ENTITY.sub("", "".join(literal))
    attributes = [part for one in READ_ATTRIBUTE.findall(text) for part in one.split("¤")]
    read = [*NOT_READ.sub("¤", text).split("¤"), *attributes]
    return [one.strip() for one in read if re.search(r"[^\W\d_]{2}", SAME_EVERYWHERE.sub("", one))]


def end_of_unread(tag: str) -> str:
    """The tag that ends what this one begins, when what stands between is translated or no text at all."""
    if tag == "block skip":  # the address of a part of the page
        return "endblock"
    name = tag.split()[0]
    return f"end{name}" if name in ("blocktranslate", "blocktrans", "comment") else ""


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing here</p>",
        '<p title="Nothing here"></p>',
        '{% translate "Fine" %} not fine',
        "{% blocktranslate %}Fine{% endblocktranslate %} not fine",
    ],
)
def test_words_outside_translations_are_found(source: str):
    assert words_outside(source)


@pytest.mark.parametrize(
    ("language", "country", "currency", "sentence"),
    [
        ("en", "FR", "EUR", "1.09 € for each euro"),
        ("fr", "FR", "EUR", "1,09 € pour chaque euro"),
        ("en", "CA", "CAD", "$1.09 for each Canadian dollar"),
        ("fr", "CA", "CAD", "1,09 $ pour chaque dollar canadien"),
        ("fr", "CH", "CHF", "1,09 CHF pour chaque franc suisse"),
        ("fr", "FR", "GBP", "1,09 £GB pour chaque livre sterling"),
    ],
)
def test_the_return_is_said_in_the_reader_s_language_and_the_agency_s_money(
    language: str, country: str, currency: str, sentence: str
):
    with money.localised(language=language, country=country, currency=currency):
        assert for_each_unit(Fraction(109, 100)).replace("\N{NO-BREAK SPACE}", " ") == sentence


def test_django_and_allauth_speak_french_too():
    from allauth.account.forms import LoginForm
    from django.forms import CharField, ValidationError

    with translation.override("fr"):
        assert str(LoginForm.base_fields["password"].label) == "Mot de passe"
        with pytest.raises(ValidationError, match="Ce champ est obligatoire"):
            CharField().clean("")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_an_address_is_called_one_thing_by_those_who_ask_for_it(client: Client, db: None, name: str, language: str):
    MemberFactory()
    agency = Agency.current()
    agency.language = language
    agency.save()
    page = client.get(reverse(name)).content.decode()
    [(label, fields)] = re.findall(r'<label[^>]*>([^<]*)</label>\s*(<input type="email".*)</form>', page, re.DOTALL)
    assert (f'<html lang="{language}"' in page, label, "placeholder" in fields) == (True, "E-mail", False)


def test_a_person_chooses_the_language_of_their_pages(client: Client, db: None):
    member = MemberFactory(language="en")
    client.force_login(member)
    profile = reverse("timesheets:profile")
    assert "Change the password" in client.get(profile).content.decode()
    client.post(profile, {"name": member.name, "language": "fr", "theme": "auto", "duration_style": "clock"})
    page = client.get(profile).content.decode()
    assert '<html lang="fr"' in page
    assert "Enregistré." in page
    assert "Changer le mot de passe" in page


def test_a_subscriber_reads_the_summary_in_french(db: None):
    letter = content.write(
        content.look_back(Week.parse("2026-W46")), language="fr", unsubscribe_url="https://x.example"
    )
    assert letter.subject == "Semaine 46 : ni coût ni retour pour l’instant"
    for text in (letter.text, letter.html):
        assert "Ouvrir le tableau de bord" in text
        assert "Ne plus recevoir ces e-mails" in text
        assert "Changed since last week" not in text


def test_no_word_of_ours_changes_those_of_the_admin():
    """Our French comes before Django's for the same English: such words are given a context."""
    with translation.override("fr"):
        assert [gettext(word) for word in ("Change", "All", "Go")] == ["Modification", "Tout", "Envoyer"]


def test_no_word_of_a_page_takes_the_place_of_a_month_or_a_day_in_french():
    """Django reads the names of months and days from the same catalogue: a heading “May” made it “1 Peut 2027”."""
    with translation.override("fr"):
        months = [date_format(date(2027, month, 1), "F") for month in range(1, 13)]
        short_months = [date_format(date(2027, month, 1), "b") for month in range(1, 13)]
        days = [date_format(date(2027, 2, day), "l") for day in range(1, 8)]
    assert months[:6] == ["janvier", "février", "mars", "avril", "mai", "juin"]
    assert months[6:] == ["juillet", "août", "septembre", "octobre", "novembre", "décembre"]
    assert short_months == ["jan", "fév", "mar", "avr", "mai", "jui", "jul", "aoû", "sep", "oct", "nov", "déc"]
    assert days == ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]


def test_words_that_are_joined_are_french_too():
    with translation.override("fr"):
        assert list_words.and_more("Acme, Zoo", 2) == "Acme, Zoo et 2 de plus"
        assert list_words.with_colon("Facebook", "60 h") == "Facebook\N{NO-BREAK SPACE}: 60 h"
        assert "J’accepte" in snippet.consent_tag()
        assert "|Ouvrir>" in chat._slack("Un contact est arrivé", "https://retour.example")["text"]
