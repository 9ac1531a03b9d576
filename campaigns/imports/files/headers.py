"""What the header of a column says besides its name: a currency, a unit of time, whether it speaks of money. Pure."""

import re
import unicodedata
from typing import Literal

from core.invisible import without_invisible
from core.numbers import CURRENCY_CODES

_CURRENCY = re.compile(r"\(([a-z]{3})\)$")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CURRENCY_SIGNS = re.compile(rf"[€£¥$₹₺₽₴₪₩฿₫]|\b(?:{CURRENCY_CODES})\b")
# What the first byte of a letter with an accent looks like in Windows-1252, and one that may follow it.
_MISREAD = re.compile(
    "[ÂÃÄÅ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122\u20ac]"
)

# Words for rates, prices, costs, amounts and pay, without accents: en, fr, de, es, it, pt, nl.
_MONEY_WORDS = frozenset(
    """rate rates price prices pricing cost costs costing amount amounts fee fees wage wages salary salaries pay payroll
    remuneration compensation charge charges taux tarif tarifs prix cout couts montant montants salaire salaires
    honoraires satz tarife kosten preis preise betrag betrage lohn gehalt honorar entgelt vergutung tarifa tarifas
    precio precios costo costos coste costes importe importes monto montos sueldo salario salarios tasa tariffa tariffe
    prezzo prezzi costi importo importi stipendio compenso preco precos custo custos valor valores montante taxa taxas
    remuneracao tarief tarieven prijs prijzen bedrag bedragen loon salaris""".split()  # noqa: SIM905
)
# German and Dutch write them as the end of one word: Stundensatz, Einzelpreis, uurtarief.
_MONEY_ENDINGS = re.compile(
    r"(?:preise?|kosten|betrag|betrage|lohn|gehalt|honorar|entgelt|vergutung|tarif|tarief|prijs|bedrag|loon|salaris"
    r"|(?:stunden|tages|kosten|verrechnungs|honorar|lohn)satz|(?:stunden|tages)satze)$"
)

Unit = Literal["hours", "minutes", "seconds", "days"]
_UNITS: dict[Unit, frozenset[str]] = {
    "hours": frozenset(
        """h hr hrs hour hours heure heures std stunde stunden hora horas ora ore uur uren decimal dezimal
        decimale""".split()  # noqa: SIM905
    ),
    "minutes": frozenset("min mins minute minutes minuten minuti minuto minutos minuut".split()),  # noqa: SIM905
    "seconds": frozenset(
        "s sec secs second seconds seconde secondes sek sekunde sekunden segundos secondi seconden".split()  # noqa: SIM905
    ),
}


def header_unit(text: str) -> Unit | None:
    """Return the unit of time that a header names, as in ``Duration (minutes)``; None without one, or with several."""
    words = {word.casefold() for word in _WORDS.findall(_without_accents(text))}
    named = [unit for unit, unit_words in _UNITS.items() if words & unit_words]
    return named[0] if len(named) == 1 else None


def header_key(text: str) -> str:
    """Return what headers are compared by: no case, no space around, nothing invisible, no currency in brackets."""
    plain = " ".join(without_invisible(mended(text)).split()).casefold()
    return _CURRENCY.sub("", plain).rstrip()


def header_name(text: str) -> str:
    """Return what a header is looked up by: its key without accents, and with one kind of apostrophe."""
    apart = unicodedata.normalize("NFD", header_key(text).replace("’", "'"))
    return "".join(character for character in apart if not unicodedata.combining(character))


def header_currency(text: str) -> str | None:
    """Return the currency a header names in brackets, as in ``Amount spent (EUR)``."""
    match = _CURRENCY.search(text.strip().casefold())
    return match[1].upper() if match else None


def names_utc(text: str) -> bool:
    """Whether a header says that its times are UTC, as ``Created (UTC)``."""
    return re.search(r"\bUTC\b", text) is not None


def speaks_of_money(header: str) -> bool:
    """Whether a header names a rate, a price, a cost, an amount or pay, in a language of the exports we know."""
    if _CURRENCY_SIGNS.search(header) or re.fullmatch(CURRENCY_CODES, header_currency(header) or ""):
        return True
    words = [word.casefold() for word in _WORDS.findall(_without_accents(header))]
    return any(word in _MONEY_WORDS or _MONEY_ENDINGS.search(word) for word in words)


def mended(text: str) -> str:
    """Return a text whose UTF-8 was once read as Windows-1252, ``Montant dÃ©pensÃ©``, as it was meant; others as is."""
    if not _MISREAD.search(text):
        return text
    try:
        return "".join(_byte_of(character) for character in text).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _byte_of(character: str) -> str:
    """The character of the byte that Windows-1252 shows so; it leaves five bytes open."""
    try:
        return character.encode("cp1252").decode("latin-1")
    except UnicodeEncodeError:
        return character


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(character for character in apart if character.isascii())
