"""What the stages of deals and the statuses of payments say by themselves, in the languages people have. Pure.

Only words that leave no doubt are here. Any other text is asked about, once for each source.
"""

import re
import unicodedata
from typing import Literal

from core.invisible import without_invisible

Standing = Literal["won", "not_won", "partly", "refunded"]
STANDINGS: tuple[Standing, ...] = ("won", "not_won", "partly", "refunded")

# Closed Won (Agency pipeline): a stage with the pipeline that it is one of.
_PIPELINE = re.compile(r"\s*\([^()]*\)$")

_WORDS: dict[Standing, str] = {
    # A line for each language: en, fr, de, es, it, pt, nl.
    "won": """
        won|live|closed won|closedwon|closed - won|deal won|paid|succeeded
        gagné|gagnée|affaire gagnée|affaire conclue|fermé gagné|conclu - gagné|payé|payée
        gewonnen|abgeschlossen und gewonnen|abgeschlossen gewonnen|geschlossen gewonnen|bezahlt
        ganado|ganada|cierre ganado|cerrado ganado|cerrada ganada|pagado|pagada
        vinto|vinta|chiuso vinto|chiusa vinta|pagato|pagata
        ganho|ganha|fechado ganho|pago|paga
        gesloten gewonnen|gesloten en gewonnen|betaald
    """,
    "not_won": """
        lost|test|closed lost|closedlost|closed - lost|deal lost|open|deleted|new|in progress|pending|authorized
        authorised|unpaid|uncaptured|failed|declined|blocked|canceled|cancelled|voided|void|expired|on hold|draft
        requires payment method|requires confirmation|requires action|requires capture|incomplete
        appointmentscheduled|appointment scheduled|qualifiedtobuy|qualified to buy|presentationscheduled
        presentation scheduled|decisionmakerboughtin|decision maker bought-in|contractsent|contract sent
        perdu|perdue|fermé perdu|conclu - perdu|affaire perdue|en cours|ouvert|ouverte|nouveau|en attente
        échoué|échouée|échec|annulé|annulée|impayé|impayée|expiré|expirée|refusé|refusée
        verloren|abgeschlossen und verloren|abgeschlossen verloren|geschlossen verloren|offen|neu|ausstehend
        fehlgeschlagen|storniert|abgebrochen|abgelehnt|unbezahlt|abgelaufen
        perdido|perdida|cierre perdido|cerrado perdido|cerrada perdida|abierto|abierta|nuevo|pendiente|fallido
        fallida|cancelado|cancelada|anulado|anulada|rechazado|rechazada|vencido|vencida
        perso|persa|chiuso perso|chiusa persa|aperto|aperta|nuovo|in attesa|in sospeso|fallito|fallita
        annullato|annullata|rifiutato|rifiutata|scaduto|scaduta
        fechado perdido|aberto|aberta|novo|pendente|falhou|falhado|recusado|recusada|expirado|expirada
        gesloten verloren|gesloten en verloren|nieuw|in behandeling|mislukt|geannuleerd|geweigerd|verlopen
    """,
    "partly": """
        partially refunded|partial refund|partiellement remboursé|partiellement remboursée|teilweise erstattet
        parcialmente reembolsado|parcialmente reembolsada|parzialmente rimborsato|gedeeltelijk terugbetaald
    """,
    "refunded": """
        refunded|fully refunded|charged back|chargeback
        remboursé|remboursée|erstattet|rückerstattet|reembolsado|reembolsada|rimborsato|rimborsata|terugbetaald
    """,
}


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", without_invisible(text)).casefold().split())


_STANDING_OF: dict[str, Standing] = {
    _folded(text): standing
    for standing, lines in _WORDS.items()
    for line in lines.split("\n")
    for text in line.split("|")
    if text.strip()
}


def standing_of(text: str) -> Standing | None:
    """What a stage or status says by itself, whatever its pipeline; None for one that must be asked about."""
    plain = _folded(text.replace("_", " "))
    return _STANDING_OF.get(plain) or _STANDING_OF.get(_PIPELINE.sub("", plain))
