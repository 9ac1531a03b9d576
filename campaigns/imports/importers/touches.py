"""Touches: the contacts of leads with platforms and campaigns. Only added, never changed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.external_ids import named
from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, Record
from campaigns.imports.importers.changes import to_the_second
from campaigns.imports.mapping.columns import Field, RowCells
from campaigns.models import ImportedRow, Lead, LeadMerge, Touch
from campaigns.models.catalogue import normalise

# Lead, instant to the second, platform, campaign and the three utm texts.
TouchKey = tuple[int, datetime | None, int | None, int | None, str, str, str]


@dataclass
class TouchRecord(Record):
    lead: str = ""
    at: datetime | None = None
    platform_id: int | None = None
    campaign_id: int | None = None
    utm: tuple[str, str, str] = ("", "", "")
    number: int = 1  # which of the equal ones in the file it is


class TouchImporter(Importer):
    """One row is one contact of a lead that is there already."""

    key = "touches"
    fields: ClassVar[Mapping[str, Field]] = {
        "lead_external_id": Field(_("the lead's external id"), one_of="lead", most=120),
        "at": Field(_("the instant"), "moment", one_of="at"),
        "platform": Field(_("the platform"), "name"),
        "campaign": Field(_("the campaign"), "name"),
        "utm_source": Field("utm_source"),
        "utm_medium": Field("utm_medium"),
        "utm_campaign": Field("utm_campaign"),
        "utm_source_platform": Field("utm_source_platform"),
    }

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self._met: Counter[int] = Counter()

    def read(self, cells: RowCells) -> TouchRecord | None:
        lead = cells.required("lead_external_id")
        at = cells.moment("at", self.context.agency.zone)
        utm = (cells.text("utm_source"), cells.text("utm_medium"), cells.text("utm_campaign"))
        source = cells["platform"] or cells["utm_source_platform"] or utm[0]
        _has_contact, platform = self.origin(source, cells.line)
        if cells["campaign"] or self._names_none(cells):
            campaign = self.campaign(cells["campaign"], cells.line)
        else:
            campaign = self.campaign_if_known(utm[2], cells.line)
        if at:
            self.note_future(cells.line, at.astimezone(self.context.agency.zone).date())
        record = TouchRecord(cells.line, lead=lead, at=at, platform_id=platform, campaign_id=campaign, utm=utm)
        names = normalise(cells["platform"]), normalise(cells["campaign"])
        record.number = self._count(record)
        record.fingerprint = self.imprint(lead, at and at.timestamp(), *names, *utm)
        return record

    def _count(self, record: TouchRecord) -> int:
        """Equal rows are told apart as they are read: a resumed import reads again what it does not plan again."""
        contact = hash((record.lead, record.at, record.platform_id, record.campaign_id, record.utm))
        self._met[contact] += 1
        return self._met[contact]

    def _names_none(self, cells: RowCells) -> bool:
        """Whether the row means no campaign: it has a place for one, and says where the contact was."""
        return bool(cells["platform"]) and "campaign" in self.context.layout.places

    def plan(self, units: Sequence[TouchRecord]) -> list[PlannedChange]:
        imported = self.imported(units)
        leads = LeadMerge.surviving(named(Lead.objects.all(), {unit.lead for unit in units}, self.context.agency))
        there = _times_there(lead.pk for lead in leads.values())
        changes = []
        for unit in units:
            if unit.lead not in leads:
                column = self.context.layout.column("lead_external_id")
                self.context.errors.append(RowError.of_value(unit.line, column, unit.lead, "touch_of_nobody"))
            elif leads[unit.lead].erased_at:
                changes.append(
                    PlannedChange(unit, "same")
                )  # its contacts are there, without what links said of the person
            elif unit.fingerprint in imported or unit.number <= there[_key(leads[unit.lead].pk, unit)]:
                changes.append(PlannedChange(unit, "same"))
            else:
                changes.append(PlannedChange(unit, "create", now={"lead_id": leads[unit.lead].pk}))
        return changes

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        new = [change for change in changes if change.action == "create"]
        touches = Touch.objects.bulk_create([_touch(change) for change in new])
        return [
            ImportedRow(
                line=change.record.line, kind=self.key, fingerprint=change.record.fingerprint, object_id=touch.pk
            )
            for change, touch in zip(new, touches, strict=True)
        ]

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        Touch.objects.filter(pk__in=[row.object_id for row in rows]).delete()
        return 0


def _key(lead: int, unit: TouchRecord) -> TouchKey:
    return lead, to_the_second(unit.at), unit.platform_id, unit.campaign_id, *unit.utm


def _times_there(leads: Iterable[int]) -> Counter[TouchKey]:
    """How often each contact of these leads is there; voided ones too, lest a file bring them back."""
    found = Touch.objects.filter(lead_id__in=set(leads)).order_by()
    fields = "lead_id", "at", "platform_id", "campaign_id", "utm_source", "utm_medium", "utm_campaign"
    return Counter((lead, to_the_second(at), *rest) for lead, at, *rest in found.values_list(*fields))


def _touch(change: PlannedChange) -> Touch:
    record = change.record
    source, medium, campaign = record.utm
    return Touch(
        lead_id=change.now["lead_id"],
        at=record.at,
        platform_id=record.platform_id,
        campaign_id=record.campaign_id,
        utm_source=source,
        utm_medium=medium,
        utm_campaign=campaign,
    )
