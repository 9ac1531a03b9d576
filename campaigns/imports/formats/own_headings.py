"""What the columns of Retour's own formats are called for readers, by language. Pure.

These words are part of a file format, so they stand here and not among the translations: a file that was taken out
must be read back for ever, whatever the words of the pages become. A word that changes stays behind the new one.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

LANGUAGES = ("en", "fr")
_TABLE = """
date: Date | Date
email: E-mail | E-mail
platform: Platform | Plateforme
campaign: Campaign | Campagne
hours: Hours | Heures
note: Note | Note
hourly_rate: Hourly rate | Taux horaire
cost: Cost | Coût
external_id: External ID | Identifiant externe
received_at: Received at | Reçu le
name: Name | Nom
company: Company | Entreprise
status: Status | Statut
disqualified_reason: Reason | Motif
phone: Phone | Téléphone
how_heard: How they heard of us | Comment ils nous ont connus
lead_external_id: Lead ID | Identifiant du contact
at: Date and time | Date et heure
utm_id: UTM ID | ID UTM
utm_source: UTM source | Source UTM
utm_medium: UTM medium | Support UTM
utm_campaign: UTM campaign | Campagne UTM
sold_on: Sold on | Vendu le
amount: Amount | Montant
description: Description | Description
refund_of: Refund of | Remboursement de
starts_on: From | Du
ends_on: To | Au
currency: Currency | Devise
original_amount: Original amount | Montant d’origine
original_currency: Original currency | Devise d’origine
week: Week | Semaine
measure: Measure | Mesure
count: Count | Nombre
"""


def _read(table: str) -> Mapping[str, tuple[str, ...]]:
    lines = (line.partition(":") for line in table.strip().splitlines())
    return {neutral: tuple(text.strip() for text in words.split("|")) for neutral, _colon, words in lines}


HEADINGS = MappingProxyType(_read(_TABLE))


def in_words(header: Sequence[str], language: str) -> list[str]:
    """A header in the words of a language; English for one that has none."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return [HEADINGS[neutral][place] for neutral in header]


def in_all_words(columns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The columns of a format of our own with what each header is called for readers after it."""
    return {
        name: tuple(dict.fromkeys(text for header in headers for text in (header, *HEADINGS.get(header, ()))))
        for name, headers in columns.items()
    }
