"""Files people brought: the run, what each of its rows did, and the names it taught."""

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core.bulk_insert import insert_rows


class ImportKind(models.TextChoices):
    HOURS = "hours", _("Hours")
    LEADS = "leads", _("Leads")
    TOUCHES = "touches", _("Touchpoints")
    SALES = "sales", _("Sales")
    SPEND = "spend", _("Spend")
    OUTCOMES = "outcomes", _("Outcomes")


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def not_for_directors(self) -> "ImportRunQuerySet":
        """Those that a manager or a member brought."""
        return self.filter(for_directors=False)


class ImportRun(models.Model):
    """One file on its way in: uploaded, checked, written in small steps, and undone as a whole if need be."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Checking")
        NEEDS_ANSWERS = "needs_answers", _("Needs answers")
        READY = "ready", _("Ready to import")
        IMPORTING = "importing", _("Importing")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Not imported")
        UNDOING = "undoing", _("Undoing")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(_("kind"), max_length=10, choices=ImportKind.choices)
    source = models.CharField(_("source"), max_length=20, default="auto")
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    status = models.CharField(_("status"), max_length=14, choices=Status.choices, default=Status.UPLOADED)
    mapping = models.JSONField(default=dict)
    create_missing = models.BooleanField(_("create what is missing"), default=False)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    questions = models.JSONField(default=list)
    preview = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Whose hours alone the file may bring, when somebody imports their own; nothing is made or learnt from it.
    only_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    # Brought by a director, or the command line: a column of it may be what an hour costs. Said when it comes, since
    # whoever brought it may be something else later, or gone.
    for_directors = models.BooleanField(default=True)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    alive_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    def corrections(self) -> "models.QuerySet[ImportRun]":
        """The later files that corrected what this one brought: they are undone before it."""
        return ImportRun.objects.filter(rows__corrects__run=self).exclude(pk=self.pk).distinct()


# `bulk_update` names each row's values by a case of its own: a database looks through all of them for each row.
UPDATED_AT_ONCE = 250


class ImportedRowQuerySet(models.QuerySet["ImportedRow"]):
    def standing(self) -> "ImportedRowQuerySet":
        """Those that no later file corrected."""
        return self.filter(corrected_by=None)


class ImportedRow(models.Model):
    """What one row of a file did, and the keyed hashes by which a later file finds it again (docs/adr/0018).

    `fingerprint` stands for all that the row says, `identity` for its id in its source, `natural_key` for what it is
    about without the values that people correct. `before` lets it be undone. A row that a later file brought with
    other values, or took out, is kept as it was and points at the row that did so.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ImportKind.choices)
    source = models.CharField(max_length=20, default="", blank=True)
    fingerprint = models.CharField(max_length=64, null=True)
    identity = models.CharField(max_length=40, null=True)
    natural_key = models.CharField(max_length=40, null=True)
    # Stands for its note: a corrected one is told by it. None for rows from before it was kept.
    note_key = models.CharField(max_length=16, null=True)
    # Whose hours they are, by number, and the day that the row is about.
    owner_id = models.BigIntegerField(null=True)
    day = models.DateField(null=True)
    object_id = models.BigIntegerField(null=True)
    minutes = models.IntegerField(null=True)
    seconds = models.IntegerField(null=True)
    before = models.JSONField(null=True)
    corrected_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="corrects")

    objects = ImportedRowQuerySet.as_manager()

    # The earlier rows whose place a new one takes, by number, until it is saved.
    replaces: Sequence[int] = ()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "fingerprint"],
                condition=models.Q(corrected_by=None),
                name="imported_row_counts_once",
            )
        ]
        indexes = [
            # erasure, merges of platforms, refunds: the rows that made something
            models.Index(fields=["kind", "object_id"]),
            # earlier_rows: whether a row came before, by its id in its source or by what it is about
            models.Index(fields=["kind", "identity"]),
            models.Index(fields=["kind", "natural_key"]),
            # rows_left_out: what an earlier file said of these days, and a newer one does not
            models.Index(fields=["kind", "owner_id", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} line {self.line}"

    @classmethod
    def keep(cls, rows: Sequence["ImportedRow"]) -> None:
        """Save what a batch did, and let the earlier rows that it corrects point at their correction.

        They stand no more before the new ones do: a row may say now what another one, corrected as well, said before.
        """
        if replaced := [old for row in rows for old in row.replaces]:
            cls.objects.filter(pk__in=replaced).update(corrected_by=F("pk"))
        insert_rows(rows)
        corrected = [cls(pk=old, corrected_by=row) for row in rows for old in row.replaces]
        cls.objects.bulk_update(corrected, ["corrected_by"], batch_size=UPDATED_AT_ONCE)


class RememberedMapping(models.Model):
    """The columns a person chose for a file with this header, offered again for the next one."""

    kind = models.CharField(max_length=10, choices=ImportKind.choices)
    header = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "header"], name="mapping_once_per_header")]

    def __str__(self) -> str:
        return f"{self.kind} {self.header}"
