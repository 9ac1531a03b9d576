"""What the fields of forms are called, and what each means here."""

import re
from collections.abc import Mapping

from campaigns.models.catalogue import normalise

MEANINGS = ("name", "first_name", "last_name", "email", "phone", "company", "how_heard", "message", "consent")
_TABLE = """
name: name, full name, your name, contact name, nom, votre nom, nom complet, nom et prénom, prénom et nom
first_name: first name, firstname, fname, given name, your first name, prénom, votre prénom
last_name: last name, lastname, lname, surname, family name, nom de famille
email: email, e mail, your email, email address, e mail address, mail, courriel, adresse e mail, adresse email
phone: phone, tel, telephone, your phone, your tel, phone number, mobile, téléphone, votre téléphone, portable
company: company, your company, company name, organisation, organization, business, société, entreprise
how_heard: how heard, how did you hear of us, how did you hear about us, where did you hear about us, \
comment nous avez vous connus, comment nous avez vous connu, comment avez vous entendu parler de nous
message: message, your message, comment, comments, note, notes, question, your question, votre message, commentaire
consent: consent, retour consent, consentement
"""
_SIGNS = re.compile(r"[\s_\-.:?!*\[\]()’']+")
# Fields of ours: they say where somebody came from, or catch programs.
ORIGIN = ("rt", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_source_platform")
STORED_ORIGIN = "retour_origin"
HONEYPOT = "retour_website"
OURS = frozenset({*ORIGIN, STORED_ORIGIN, HONEYPOT})


def folded(name: str) -> str:
    return _SIGNS.sub(" ", normalise(name)).strip()


def _read(table: str) -> dict[str, str]:
    lines = (line.partition(":") for line in table.strip().splitlines())
    return {folded(word): meaning for meaning, _colon, words in lines for word in words.split(",")}


KNOWN = _read(_TABLE.replace("\\\n", ""))


def meaning_of(name: str, own: Mapping[str, str]) -> str:
    """What a field means, by the agency's own map first; empty when nobody knows."""
    return {folded(field): meaning for field, meaning in own.items()}.get(folded(name)) or KNOWN.get(folded(name), "")
