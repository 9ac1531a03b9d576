"""What the header of a column says besides its name: a currency, and whether it speaks of money. Pure."""

import re
import unicodedata

from core.numbers import CURRENCY_CODES

_CURRENCY = re.compile(r"\(([a-z]{3})\)$")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CURRENCY_SIGNS = re.compile(rf"[€£¥$₹₺₽₴₪₩฿₫]|\b(?:{CURRENCY_CODES})\b")

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


def header_key(text: str) -> str:
    """Return what headers are compared by: no case, no surrounding space, no currency in brackets."""
    plain = " ".join(text.replace("\ufeff", "").replace("\u00a0", " ").split()).casefold()
    return _CURRENCY.sub("", plain).rstrip()


def header_currency(text: str) -> str | None:
    """Return the currency a header names in brackets, as in ``Amount spent (EUR)``."""
    match = _CURRENCY.search(text.strip().casefold())
    return match[1].upper() if match else None


def speaks_of_money(header: str) -> bool:
    """Whether a header names a rate, a price, a cost, an amount or pay, in a language of the exports we know."""
    if _CURRENCY_SIGNS.search(header) or re.fullmatch(CURRENCY_CODES, header_currency(header) or ""):
        return True
    words = [word.casefold() for word in _WORDS.findall(_without_accents(header))]
    return any(word in _MONEY_WORDS or _MONEY_ENDINGS.search(word) for word in words)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(character for character in apart if character.isascii())
