"""Touches: the contacts of leads with platforms and campaigns. Only added, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.intake.errors import RowError
from campaigns.intake.kinds.kind import Change, Kind, Record
from campaigns.intake.layout import Cells, Field
from campaigns.models import ImportedRow, Lead, Touch
from campaigns.models.catalogue import normalise


@dataclass
class TouchRecord(Record):
    lead: str = ""
    at: datetime | None = None
    platform_id: int | None = None
    campaign_id: int | None = None
    utm: tuple[str, str, str] = ("", "", "")


class TouchKind(Kind):
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

    def read(self, cells: Cells) -> TouchRecord | None:
        lead = cells.required("lead_external_id")
        at = cells.moment("at", self.job.agency.zone)
        utm = (cells.text("utm_source"), cells.text("utm_medium"), cells.text("utm_campaign"))
        source = cells["platform"] or cells["utm_source_platform"] or utm[0]
        _has_contact, platform = self.origin(source, cells.line)
        if cells["campaign"]:
            campaign = self.campaign(cells["campaign"], cells.line)
        else:
            campaign = self.campaign_if_known(utm[2], cells.line)
        if at:
            self.note_future(cells.line, at.astimezone(self.job.agency.zone).date())
        record = TouchRecord(cells.line, lead=lead, at=at, platform_id=platform, campaign_id=campaign, utm=utm)
        names = normalise(cells["platform"]), normalise(cells["campaign"])
        record.fingerprint = self.imprint(lead, at and at.timestamp(), *names, *utm)
        return record

    def plan(self, units: Sequence[TouchRecord]) -> list[Change]:
        imported = self.imported(units)
        leads = dict(
            Lead.objects.filter(external_id__in={unit.lead for unit in units}).values_list("external_id", "pk")
        )
        changes = []
        for unit in units:
            if unit.lead not in leads:
                column = self.job.layout.column("lead_external_id")
                self.job.errors.append(RowError.of_value(unit.line, column, unit.lead, "unknown_lead"))
            elif unit.fingerprint in imported:
                changes.append(Change(unit, "same"))
            else:
                changes.append(Change(unit, "create", now={"lead_id": leads[unit.lead]}))
        return changes

    def write(self, changes: Sequence[Change]) -> list[ImportedRow]:
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


def _touch(change: Change) -> Touch:
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
