"""What lead statuses of other programs, and of lists in other languages, mean here. Pure."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# By status, in en, fr, de, es, it, pt and nl; anything else is asked.
_TABLE = """
new: new, open, open - not contacted, in_progress, in progress, attempted_to_contact, attempted to contact, connected,
    working - contacted, nouveau, nouvelle, nouveau contact, en cours, à contacter, contacté, contactée, à relancer,
    relancé, relancée, neu, offen, in bearbeitung, kontaktiert, nuevo, nueva, abierto, en curso, en proceso, contactado,
    contactada, nuovo, nuova, aperto, in corso, contattato, contattata, novo, nova, aberto, em andamento, em curso,
    contatado, contatada, nieuw, in behandeling, gecontacteerd
qualified: qualified, open_deal, open deal, closed - converted, qualifié, qualifiée, qualifiziert, cualificado,
    cualificada, calificado, calificada, qualificato, qualificata, qualificado, qualificada, gekwalificeerd
disqualified: unqualified, disqualified, disqualifié, disqualifiée, non qualifié, non qualifiée, pas qualifié,
    nicht qualifiziert, disqualifiziert, no cualificado, no calificado, descalificado, non qualificato, squalificato,
    não qualificado, desqualificado, niet gekwalificeerd, gediskwalificeerd
won: won, customer, gagné, gagnée, client, gewonnen, kunde, ganado, ganada, cliente, vinto, vinta, ganho, ganha, klant
lost: lost, bad_timing, bad timing, closed - not converted, perdu, perdue, sans suite, verloren, perdido, perdida,
    perso, persa
"""


def _read(table: str) -> Mapping[str, str]:
    lines = (line.partition(":") for line in table.replace("\n    ", " ").strip().splitlines())
    pairs = {text.strip(): status for status, _colon, texts in lines for text in texts.split(",")}
    return MappingProxyType({_without_accents(text): status for text, status in pairs.items()} | pairs)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(character for character in apart if not unicodedata.combining(character))


LEAD_STATUSES = _read(_TABLE)
