"""Which rows of sales count: what the stage of a deal and the status of a payment stand for."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from campaigns.imports.formats.deal_stages import STANDINGS, Standing, standing_of
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.columns import NOTHING, Layout
from campaigns.imports.mapping.name_resolution import LEFT_OUT, Directory, Name

# The fields that say it; a row counts when none of them speaks against it.
SAYING = ("stage", "status", "mode")
# What outweighs what, where a row says several things.
AGAINST: tuple[Standing, ...] = ("refunded", "not_won", "partly")
LABELS = {
    "won": _("It counts: won, or paid"),
    "not_won": _("It does not count: open, lost, failed or cancelled"),
    "partly": _("It counts, less the part that was given back"),
    "refunded": _("It does not count: given back as a whole"),
}


class Stages(Directory):
    """Stages of deals and statuses of payments; their ids are positions in STANDINGS, from 1."""

    @classmethod
    def of(cls, mapping: ColumnMapping) -> "Stages":
        return cls("stage", {standing: number for number, standing in enumerate(STANDINGS, start=1)}, {}, mapping)

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(standing, str(LABELS[standing])) for standing in STANDINGS]

    def remember(self, text: str, identity: int) -> None:
        """A stage has no aliases: what was said is remembered with the source."""

    def make(self, name: Name) -> int:
        raise NotImplementedError

    def standing(self, line: int, layout: Layout, texts: Mapping[str, str]) -> Standing | None:
        """What a row's stage and status say together; None while one of them must be asked about."""
        found: list[Standing | None] = [
            self._standing(texts.get(name, ""), line) for name in SAYING if layout.has(name)
        ]
        if None in found:
            return None
        if texts.get("cancelled_at", "").casefold() not in NOTHING:
            found.append("not_won")
        return next((standing for standing in AGAINST if standing in found), "won")

    def _standing(self, text: str, line: int) -> Standing | None:
        if self.mapping.target(self.name_type, text) is None and (known := standing_of(text)):
            return known
        number = self.find(text, line=line)
        if number == LEFT_OUT:
            return "not_won"
        return STANDINGS[number - 1] if number else None
