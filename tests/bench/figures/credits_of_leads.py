"""Credits of leads, where nothing differs and where all is written."""

from collections.abc import Sequence

from django.db import transaction

from campaigns.models import Lead, Sale, StaleMark, Touch
from reports.attribution import credits
from reports.models import Credit
from tests.bench import bulk
from tests.bench.figures.bare import read
from tests.bench.figures.drains import settle
from tests.bench.rounds import Work
from tests.bench.world import World

LEADS = 5_000


def some_leads(world: World) -> list[int]:
    return list(range(1, min(LEADS, world.generator.size.leads) + 1))


def credit(leads: Sequence[int]) -> None:
    with transaction.atomic():
        credits.recompute(lead_ids=leads)


def credits_unchanged(world: World) -> Work:
    settle()
    leads = some_leads(world)
    last = leads[-1]
    sale = f'SELECT id FROM "{Sale._meta.db_table}" WHERE lead_id <= {last}'
    statements = [
        f'SELECT * FROM "{Lead._meta.db_table}" WHERE id <= {last}',
        f'SELECT * FROM "{Touch._meta.db_table}" WHERE lead_id <= {last}',
        f'SELECT * FROM "{Sale._meta.db_table}" WHERE lead_id <= {last}',
        f'SELECT * FROM "{Credit._meta.db_table}" WHERE lead_id <= {last} OR sale_id IN ({sale})',
    ]

    def bare_reads() -> None:
        for statement in statements:
            read(statement)

    return Work(
        "credits",
        "bare reads of the same leads, touchpoints, sales and credits",
        lambda: credit(leads),
        bare_reads,
        units=len(leads),
        unit="leads",
    )


def credits_anew(world: World) -> Work:
    leads = some_leads(world)
    credits_of = Credit.objects.filter(lead_id__lte=leads[-1]) | Credit.objects.filter(sale__lead_id__lte=leads[-1])
    columns = [field.column for field in Credit._meta.concrete_fields if not field.primary_key]
    stored = list(credits_of.values_list(*columns))
    keys = tuple({row[columns.index("sale_id")] for row in stored} - {None})

    def clear() -> None:
        with bulk.without_triggers(), transaction.atomic():
            Credit.objects.filter(lead_id__lte=leads[-1])._raw_delete("default")
            Credit.objects.filter(sale_id__in=keys)._raw_delete("default")
            StaleMark.objects.all()._raw_delete("default")

    return Work(
        "credits_anew",
        "a bare load of the same credits into the same table and its indexes",
        lambda: credit(leads),
        lambda: bulk.load(Credit, columns, stored),
        before=clear,
        before_floor=clear,
        inside_floor=bulk.without_triggers,
        units=len(leads),
        unit="leads",
    )
