"""Who is credited with each lead and sale: many at once, from the rows of the database to the rows of `Credit`.

From the reading to the writing all is columns of whole numbers (`integer_columns`), and each model shares all journeys
in one pass (`journeys`). Only what differs from the stored credits is written: nothing is marked where nothing differs.
For jobs: it imports numpy.
"""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import numpy as np
from django.db import connection

from campaigns.attribution import MILLION, PATH_MODELS
from campaigns.models import Lead, Sale, Touch
from reports.attribution import integer_columns
from reports.attribution.credit_rules import CreditRules, mondays
from reports.attribution.integer_columns import among, days, flag, microseconds, read
from reports.attribution.journeys import IntArray, Journeys, shares
from reports.attribution.sums import CENTS_COLUMNS, SHARE_COLUMNS
from reports.models import Credit

LEADS, SALES, TOUCHES, CREDITS = (f'"{table._meta.db_table}"' for table in (Lead, Sale, Touch, Credit))
# The columns of a credit, in the order in which its rows hold them, and how each is written.
COLUMNS = {
    **dict.fromkeys(("lead_id", "sale_id", "platform_id", "campaign_id"), integer_columns.KEY),
    **dict.fromkeys(("work_week", "money_week"), integer_columns.DAY),
    "is_qualified": integer_columns.FLAG,
    **dict.fromkeys(SHARE_COLUMNS, integer_columns.SHORT_NUMBER),
    **dict.fromkeys(CENTS_COLUMNS, integer_columns.NUMBER),
}
WEEKS = [number for number, how in enumerate(COLUMNS.values()) if how == integer_columns.DAY]


class Conversions(NamedTuple):
    """Leads and sales that count, as columns: whose credits they are, what is shared, and who takes it if nobody may.

    The touches of the lead ``journey_of`` share it, if it has one.
    """

    lead_id: IntArray
    sale_id: IntArray
    journey_of: IntArray
    at: IntArray
    millionths: IntArray
    cents: IntArray
    money_week: IntArray
    is_qualified: IntArray
    else_week: IntArray
    else_platform: IntArray
    else_campaign: IntArray


class LiveLeads(NamedTuple):
    """Leads that are not voided, in the order of their numbers, as columns."""

    id: IntArray
    received_at: IntArray
    is_qualified: IntArray

    def of(self, leads: IntArray) -> "LiveLeads":
        chosen = np.isin(self.id, leads, assume_unique=True)
        return LiveLeads(*(column[chosen] for column in self))


class Touches(NamedTuple):
    """Touches in the order of their leads, and of a lead in the order of `eligible`, as columns."""

    lead: IntArray
    lead_at: IntArray
    at: IntArray
    id: IntArray
    platform: IntArray
    campaign: IntArray


def recompute(*, lead_ids: Collection[int] = (), sale_ids: Collection[int] = ()) -> set[date]:
    """Bring the credits of these leads, their sales and these sales up to date; return the weeks that changed.

    Weeks are Mondays, those of the work and those of the money. The caller holds a transaction.
    """
    rules = CreditRules.current()
    leads = _as_array(lead_ids)
    sales = _sales_of(leads, _as_array(sale_ids))
    of_sales = _sale_conversions(sales, rules)
    live = _live_leads(np.union1d(leads, of_sales.journey_of[of_sales.journey_of > 0]))
    of_leads = _lead_conversions(live.of(leads), rules)
    conversions = Conversions(*map(np.concatenate, zip(of_leads, of_sales, strict=True)))
    return _replace(_stored(leads, sales), _credits(conversions, _touches(live), rules))


def _as_array(ids: Collection[int]) -> IntArray:
    return np.array(sorted(ids), dtype=np.int64)


# -- reading ----------------------------------------------------------------------------------------------------------


def _live_leads(leads: IntArray) -> LiveLeads:
    """Those of these leads that are not voided."""
    concerned, params = among("id", leads)
    columns = f"id, {microseconds('received_at')}, {flag('qualified_at IS NOT NULL')}"
    return LiveLeads(
        *read(f"SELECT {columns} FROM {LEADS} WHERE voided_at IS NULL AND {concerned} ORDER BY id", params)
    )


def _lead_conversions(leads: LiveLeads, rules: CreditRules) -> Conversions:
    lead_id, received_at, is_qualified = leads
    received, nothing = rules.weeks_of(received_at), np.zeros_like(lead_id)
    return Conversions(
        lead_id=lead_id,
        sale_id=nothing,
        journey_of=lead_id,
        at=received_at,
        millionths=np.full_like(lead_id, MILLION),
        cents=nothing,
        money_week=received,
        is_qualified=is_qualified,
        else_week=received,
        else_platform=nothing,
        else_campaign=nothing,
    )


def _sales_of(leads: IntArray, sales: IntArray) -> IntArray:
    """Sales of these leads, these sales, and the refunds of either: a refund follows its original."""
    concerned, params = among("lead_id", leads)
    (of_leads,) = read(f"SELECT id FROM {SALES} WHERE {concerned}", params)
    originals = np.union1d(of_leads, sales)
    concerned, params = among("refund_of_id", originals)
    (refunds,) = read(f"SELECT id FROM {SALES} WHERE {concerned}", params)
    return np.union1d(originals, refunds)


def _sale_conversions(sales: IntArray, rules: CreditRules) -> Conversions:
    """Those that are not voided, nor, refunds, their original. A refund shares along its original's journey."""
    concerned, params = among("sale.id", sales)
    is_refund = flag("sale.refund_of_id IS NOT NULL OR sale.amount_cents < 0")
    sale_id, cents, refund, sold_on, first_sold_on, lead_id, platform, campaign = read(
        f"SELECT sale.id, sale.amount_cents, {is_refund}, {days('sale.sold_on')}, {days('original.sold_on')}, "
        "COALESCE(original.lead_id, 0), COALESCE(original.platform_id, 0), COALESCE(original.campaign_id, 0) "
        f"FROM {SALES} sale JOIN {SALES} original ON original.id = COALESCE(sale.refund_of_id, sale.id) "
        f"WHERE sale.voided_at IS NULL AND original.voided_at IS NULL AND {concerned}",
        params,
    )
    nothing, has_no_lead = np.zeros_like(sale_id), lead_id == 0
    return Conversions(
        lead_id=nothing,
        sale_id=sale_id,
        journey_of=lead_id,
        at=rules.ends_of(first_sold_on),
        millionths=np.where(refund == 1, 0, MILLION),
        cents=cents,
        money_week=mondays(sold_on),
        is_qualified=nothing,
        else_week=mondays(first_sold_on),
        else_platform=np.where(has_no_lead, platform, 0),
        else_campaign=np.where(has_no_lead, rules.campaigns_of(platform, campaign), 0),
    )


def _touches(leads: LiveLeads) -> Touches:
    concerned, params = among("lead_id", leads.id)
    lead, at, number, platform, campaign = read(
        f"SELECT lead_id, {microseconds('at')}, id, COALESCE(platform_id, 0), COALESCE(campaign_id, 0) "
        f"FROM {TOUCHES} WHERE voided_at IS NULL AND {concerned}",
        params,
    )
    lead_at = leads.received_at[np.searchsorted(leads.id, lead)]
    order = np.lexsort((number, at, lead))
    return Touches(*(column[order] for column in (lead, lead_at, at, number, platform, campaign)))


def _stored(leads: IntArray, sales: IntArray) -> IntArray:
    """The numbers of the credits that these leads and sales have, and what the credits say."""
    columns = ", ".join(["id", *map(_read_as, COLUMNS)])
    of_leads, of_sales = (
        read(f"SELECT {columns} FROM {CREDITS} WHERE {concerned}", params)
        for concerned, params in (among("lead_id", leads), among("sale_id", sales))
    )
    return np.concatenate((of_leads, of_sales), axis=1).T


def _read_as(name: str) -> str:
    how = COLUMNS[name]
    if how == integer_columns.KEY:
        return f"COALESCE({name}, 0)"
    return days(name) if how == integer_columns.DAY else flag(name) if how == integer_columns.FLAG else name


# -- sharing ----------------------------------------------------------------------------------------------------------


def _credits(conversions: Conversions, touches: Touches, rules: CreditRules) -> IntArray:
    """The credits of all conversions, as rows."""
    conversion, touch = _along(conversions, touches, rules)
    met, starts = np.unique(conversion, return_index=True)
    alone = np.setdiff1d(np.arange(len(conversions.at)), met)
    campaigns = rules.campaigns_of(touches.platform, touches.campaign)
    places = (rules.weeks_of(touches.at)[touch], touches.platform[touch], campaigns[touch])
    otherwise = (conversions.else_week, conversions.else_platform, conversions.else_campaign)
    week, platform, campaign = (
        np.concatenate((place, column[alone])) for place, column in zip(places, otherwise, strict=True)
    )
    journeys = Journeys(starts, float(rules.agency.half_life), *(column[touch] for column in touches[1:]))
    amounts = np.concatenate((_amounts(journeys, conversions, met), _whole(conversions, alone)))
    return _by_cell(conversions, np.concatenate((conversion, alone)), (platform, campaign, week), amounts)


def _along(conversions: Conversions, touches: Touches, rules: CreditRules) -> tuple[IntArray, IntArray]:
    """The pairs of a conversion and a touch that may be credited with it, in their order."""
    first = np.searchsorted(touches.lead, conversions.journey_of, side="left")
    counts = np.searchsorted(touches.lead, conversions.journey_of, side="right") - first
    conversion = np.repeat(np.arange(len(counts)), counts)
    touch = np.arange(len(conversion)) + np.repeat(first - np.cumsum(counts) + counts, counts)
    age = conversions.at[conversion] - touches.at[touch]
    counted = (age >= 0) & (age <= rules.lookback)
    return conversion[counted], touch[counted]


def _amounts(journeys: Journeys, conversions: Conversions, met: IntArray) -> IntArray:
    """What each touch gets under each model, in the columns of `Credit.AMOUNTS`."""
    totals = conversions.millionths[met], conversions.cents[met]
    by_model = [shares(model, journeys, *totals) for model in PATH_MODELS]
    return np.stack([*(share for share, _cents in by_model), *(cents for _share, cents in by_model)], axis=1)


def _whole(conversions: Conversions, alone: IntArray) -> IntArray:
    """What nobody shares, under each model."""
    totals = np.stack((conversions.millionths[alone], conversions.cents[alone]), axis=1)
    return np.repeat(totals, len(PATH_MODELS), axis=1)


def _by_cell(
    conversions: Conversions, conversion: IntArray, place: tuple[IntArray, ...], amounts: IntArray
) -> IntArray:
    """Add up what several touches of a conversion bring to the same platform, campaign and week."""
    order = np.lexsort((*place, conversion))
    keys = np.stack((conversion, *place))[:, order]
    is_new = np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0))[: len(order)]
    starts = np.flatnonzero(is_new)
    conversion, platform, campaign, week = keys[:, starts]
    columns = (conversions.lead_id, conversions.sale_id, conversions.money_week, conversions.is_qualified)
    lead_id, sale_id, money_week, is_qualified = (column[conversion] for column in columns)
    says = (lead_id, sale_id, platform, campaign, week, money_week, is_qualified)
    return np.concatenate((np.stack(says, axis=1), np.add.reduceat(amounts[order], starts)), axis=1)


# -- writing ----------------------------------------------------------------------------------------------------------


def _replace(stored: IntArray, wanted: IntArray) -> set[date]:
    """Put these credits in place of the stored ones where they differ; return the weeks of what differs."""
    is_gone, is_new = _only_in_one(stored[:, 1:], wanted)
    gone, new = stored[is_gone], wanted[is_new]
    if len(gone):
        condition, params = among("id", np.sort(gone[:, 0]))
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {CREDITS} WHERE {condition}", params)
    if len(new):
        integer_columns.insert(Credit._meta.db_table, COLUMNS, new)
    weeks = np.unique(np.concatenate((gone[:, 1:], new))[:, WEEKS])
    return set(map(integer_columns.as_day, weeks.tolist()))


def _only_in_one(*matrices: IntArray) -> list[IntArray]:
    """The numbers of the rows that only one of the two matrices has."""
    sides = [_as_bytes(matrix) for matrix in matrices]
    odd = frozenset(sides[0]) ^ frozenset(sides[1])
    return [
        np.array([number for number, row in enumerate(side) if row in odd] if odd else [], dtype=np.int64)
        for side in sides
    ]


def _as_bytes(matrix: IntArray) -> list[bytes]:
    rows = np.ascontiguousarray(matrix)
    result: list[bytes] = rows.view(f"V{rows.itemsize * rows.shape[1]}").ravel().tolist()
    return result
