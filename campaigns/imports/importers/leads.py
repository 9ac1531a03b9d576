"""Leads, with the platform and campaign of their first contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from campaigns.external_ids import is_own_id, named
from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, Record
from campaigns.imports.importers.changes import as_json, differences, filled
from campaigns.imports.importers.lead_origin import UTM_FIELDS, read_origin
from campaigns.imports.importers.lead_statuses import Statuses
from campaigns.imports.importers.leads_by_email import LeadsByEmail
from campaigns.imports.importers.leads_undo import undo_lead
from campaigns.imports.mapping.columns import Field, RowCells
from campaigns.imports.mapping.name_resolution import Directory
from campaigns.merge_leads import is_further
from campaigns.models import ImportedRow, Lead, LeadMerge, StatusChange, Touch
from campaigns.models.catalogue import normalise
from campaigns.models.funnel import LeadStatus, qualified_since

IDENTIFYING = ("external_id", "received_at", "name", "email", "phone", "company", "how_heard", "note")


@dataclass
class LeadRecord(Record):
    external_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    reason: str = ""
    says_origin: bool = False
    has_touch: bool = False
    platform_id: int | None = None
    campaign_id: int | None = None
    utm: tuple[str, str, str] = ("", "", "")

    @property
    def touch(self) -> tuple[int | None, int | None]:
        return self.platform_id, self.campaign_id


class LeadImporter(Importer):
    """One row is one lead; the platform and campaign it names become its first touch."""

    key = "leads"
    fields: ClassVar[Mapping[str, Field]] = {
        "received_at": Field(_("the day the lead came in"), "moment", one_of="received_at"),
        "external_id": Field(_("the external id"), one_of="who", most=120),
        "email": Field(_("the e-mail"), one_of="who", most=254),
        "phone": Field(_("the phone"), one_of="who", most=40),
        "name": Field(_("the name"), one_of="who", most=160),
        "first_name": Field(_("the first name"), most=80),
        "last_name": Field(_("the last name"), one_of="who", most=80),
        "company": Field(_("the company"), one_of="who", most=160),
        "platform": Field(_("the platform"), "name"),
        "detail": Field(_("the platform, in more detail"), "name"),
        "campaign": Field(_("the campaign"), "name"),
        **{name: Field(name) for name in UTM_FIELDS},
        "status": Field(_("the status"), "name"),
        "disqualified_reason": Field(_("the reason for disqualifying")),
        "how_heard": Field(_("how they heard of us"), most=200),
        "note": Field(_("the note"), most=100_000),
    }

    directory_types: ClassVar[Mapping[str, type[Directory]]] = {**Importer.directory_types, "status": Statuses}

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self.statuses = Statuses.of(context)
        self._new_emails: set[str] = set()
        self._merged: set[int] = set()

    @property
    def directories(self) -> list[Directory]:
        return [self.platforms, self.campaigns, self.statuses]

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, cells: RowCells) -> LeadRecord | None:
        received_at = cells.moment("received_at", self.context.agency.zone)
        name = _full_name(cells)
        values = {
            "received_at": received_at,
            "name": name,
            "email": self._email(cells),
            **{name: cells.text(name) for name in ("phone", "company", "how_heard", "note")},
        }
        status, reason = self.statuses.of_row(cells, self.context)
        record = LeadRecord(cells.line, external_id=self.usable_id(cells), values=values)
        record.status, record.reason = status, reason
        read_origin(self, cells, record)
        if record.external_id is None:
            record.fingerprint = self._identity(record)
        elif self.is_repeated(
            cells, record.external_id, tuple(values.values()), record.status, record.reason, record.touch, record.utm
        ):
            return None
        if received_at:
            self.note_future(cells.line, received_at.astimezone(self.context.agency.zone).date())
        return record

    def _email(self, cells: RowCells) -> str:
        email = cells.text("email")
        try:
            if email:
                validate_email(email)
        except ValidationError:
            cells.wrong("email", "not_an_email")
        return email

    def _identity(self, record: LeadRecord) -> str:
        """What tells a lead without an id from others; a day that is the same for all rows does not."""
        has_own_day = "received_at" in self.context.layout.places
        names = [normalise(record.values[name]) for name in ("email", "name", "company")]
        if not any(names):
            names.append(normalise(record.values["phone"]))
        return self.imprint(*names, record.values["received_at"] if has_own_day else "")

    # -- what it would do ---------------------------------------------------------------------------------------------

    def plan(self, units: Sequence[LeadRecord]) -> list[PlannedChange]:
        imported = self.imported(units)
        by_id = named(Lead.objects.all(), [unit.external_id for unit in units], self.context.agency)
        by_pk = Lead.objects.in_bulk([pk for pk in imported.values() if pk])
        alike = LeadsByEmail.of(unit.values["email"] for unit in units)
        by_id |= alike.adopted(units, by_id)
        self._merged = LeadMerge.among([*by_id.values(), *by_pk.values()])
        touches = first_touches([*by_id.values(), *by_pk.values()])
        changes = []
        for unit in units:
            is_imported = unit.fingerprint in imported
            found = (
                by_pk.get(imported[str(unit.fingerprint)] or 0) if is_imported else by_id.get(unit.external_id or "")
            )
            changes.append(self._planned(unit, found, touches, is_imported=is_imported))
            if changes[-1].action == "create":
                self._note_alike(unit, alike)
        return changes

    def _note_alike(self, unit: LeadRecord, alike: LeadsByEmail) -> None:
        """Say that a new lead has the address of another one: it may be one person, or a shared address."""
        email = normalise(unit.values["email"])
        if email and (email in self._new_emails or alike.has(email)):
            self.context.remarks.note("same_email", unit.line)
        self._new_emails.add(email)

    def _planned(
        self, unit: LeadRecord, found: Lead | None, touches: Mapping[int, list[Touch]], *, is_imported: bool
    ) -> PlannedChange:
        if found is None:
            if not unit.says_origin:
                self.context.remarks.note("no_origin", unit.line)
            return PlannedChange(unit, "same" if is_imported else "create")
        if found.pk in self._merged:
            return self._planned_of_merged(unit, found)
        if self.source == "sheet" and _is_somebody_else(unit, found):
            column = self.context.layout.column("external_id")
            self.context.errors.append(RowError.of_value(unit.line, column, unit.external_id or "", "id_of_another"))
        if found.erased_at:
            return PlannedChange(unit, "same", found)  # what was erased does not come back by a file
        now = self._differences(unit, found, touches.get(found.pk, []))
        return PlannedChange(unit, "update" if now else "same", found, now)

    def _planned_of_merged(self, unit: LeadRecord, found: Lead) -> PlannedChange:
        """Of a person whose leads were merged, a file of one of them changes the status alone, to a further one."""
        survivor = LeadMerge.surviving({"": found})[""]
        names = {name: value for name, value in filled(unit.values).items() if name != "received_at"}
        if differences(survivor, names):
            self.context.remarks.note("merged_lead", unit.line)
        if unit.status and is_further(unit.status, than=survivor.status):
            return PlannedChange(unit, "update", survivor, {"status": unit.status})
        return PlannedChange(unit, "same", survivor)

    def _differences(self, unit: LeadRecord, found: Lead, touches: list[Touch]) -> dict[str, Any]:
        wanted = filled(unit.values)
        if unit.fingerprint and "received_at" not in self.context.layout.places:
            wanted.pop("received_at", None)
        now = differences(found, wanted)
        if unit.external_id and not found.external_id and not is_own_id(unit.external_id):
            now["external_id"] = unit.external_id
        if unit.status and (unit.status, unit.reason) != (found.status, found.disqualified_reason):
            now["status"] = unit.status
        # A lead that was met elsewhere since keeps those touches: only the one it came with is the file's.
        if unit.has_touch and unit.touch not in [(touch.platform_id, touch.campaign_id) for touch in touches]:
            now["touch"] = unit.touch
        return now

    # -- doing it -----------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        new = [change.record for change in changes if change.action == "create"]
        return self._create(new) + [self._update(change) for change in changes if change.action == "update"]

    def _create(self, records: Sequence[LeadRecord]) -> list[ImportedRow]:
        leads = Lead.objects.bulk_create([self._lead(record) for record in records])
        pairs = list(zip(records, leads, strict=True))
        touches = Touch.objects.bulk_create([_touch(lead, record) for record, lead in pairs if record.has_touch])
        StatusChange.objects.bulk_create([self._first_change(lead) for lead in leads if lead.status != LeadStatus.NEW])
        touch_of = {touch.lead_id: touch.pk for touch in touches}
        return [
            ImportedRow(
                line=record.line,
                kind=self.key,
                fingerprint=record.fingerprint,
                object_id=lead.pk,
                before={
                    "was": None,
                    "now": as_json({name: getattr(lead, name) for name in (*IDENTIFYING, "status")}),
                    "touches": [touch_of[lead.pk]] if lead.pk in touch_of else [],
                },
            )
            for record, lead in pairs
        ]

    def _lead(self, record: LeadRecord) -> Lead:
        received_at = record.values["received_at"]
        status = record.status or LeadStatus.NEW
        return Lead(
            external_id=record.external_id,
            status=status,
            disqualified_reason=record.reason,
            # The file says that it was, not when: from the day it came in.
            qualified_at=qualified_since(None, status, received_at),
            **record.values,
        )

    def _first_change(self, lead: Lead) -> StatusChange:
        return StatusChange(
            lead=lead,
            at=lead.received_at,
            before=LeadStatus.NEW,
            after=lead.status,
            reason=lead.disqualified_reason,
            by=self.user,
        )

    def _update(self, change: PlannedChange) -> ImportedRow:
        lead, record = change.found, change.record
        was = {name: getattr(lead, name) for name in IDENTIFYING if name in change.now}
        before: dict[str, Any] = {"was": as_json(was)}
        for name in was:
            setattr(lead, name, change.now[name])
        if was:
            lead.save(update_fields=list(was))
        if "status" in change.now:
            before["status"] = [lead.status, lead.disqualified_reason, as_json({"at": lead.qualified_at})["at"]]
            lead.move_to(record.status, at=self.context.at, by=self.user, reason=record.reason)
        if "touch" in change.now:
            before |= self._replace_touch(lead, record)
        names = [*was, "status"] if "status" in change.now else was
        before["now"] = as_json({name: getattr(lead, name) for name in names})
        return ImportedRow(line=record.line, kind=self.key, object_id=lead.pk, before=before)

    def _replace_touch(self, lead: Lead, record: LeadRecord) -> dict[str, list[int]]:
        """Put the touch the file now says in place of the one the lead came with."""
        voided = [touch.pk for touch in first_touches([lead]).get(lead.pk, [])]
        Touch.objects.filter(pk__in=voided).update(voided_at=self.context.at, void_reason="import")
        touch = _touch(lead, record)
        touch.save()
        return {"touches": [touch.pk], "voided": voided}

    # -- taking it back -----------------------------------------------------------------------------------------------

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        leads = Lead.objects.in_bulk([row.object_id for row in rows])
        kept = 0
        for row in rows:
            lead = leads.get(row.object_id)
            if lead is not None and not undo_lead(lead, row.before or {}):
                kept += 1
        return kept


def first_touches(leads: Sequence[Lead]) -> dict[int, list[Touch]]:
    """The live touches of leads at the very instant they came in: those an import gave them."""
    received = {lead.pk: lead.received_at for lead in leads}
    touches: dict[int, list[Touch]] = {}
    for touch in Touch.objects.live().filter(lead_id__in=received):
        if touch.at == received[touch.lead_id]:
            touches.setdefault(touch.lead_id, []).append(touch)
    return touches


def _touch(lead: Lead, record: LeadRecord) -> Touch:
    source, medium, campaign = record.utm
    return Touch(
        lead=lead,
        at=lead.received_at,
        platform_id=record.platform_id,
        campaign_id=record.campaign_id,
        utm_source=source,
        utm_medium=medium,
        utm_campaign=campaign,
    )


def _is_somebody_else(unit: LeadRecord, found: Lead) -> bool:
    """Whether a lead that was found by the number in a list shares nothing with the row: lists count from 1."""
    if unit.external_id is None or unit.values["received_at"] == found.received_at:
        return False
    pairs = [(unit.values[name], getattr(found, name)) for name in ("email", "name", "phone", "company")]
    filled_pairs = [(normalise(here), normalise(there)) for here, there in pairs if here and there]
    return bool(filled_pairs) and all(here != there for here, there in filled_pairs)


def _full_name(cells: RowCells) -> str:
    """The name of a lead; beside a first name, a column of names may hold the last ones alone."""
    name, first = cells.text("name"), cells.text("first_name")
    if not name:
        return f"{first} {cells.text('last_name')}".strip()
    return name if normalise(first) in normalise(name) else f"{first} {name}"
