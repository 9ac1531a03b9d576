"""Lists: what the address asks for, and what it cannot break."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from core.lists import ROWS_A_PAGE, clean, page_number
from tests.factories import (
    CampaignFactory,
    ClientFactory,
    LeadFactory,
    OutcomeFactory,
    OutcomeValueFactory,
    PlatformFactory,
    SaleFactory,
    SpendFactory,
    TouchFactory,
)

LISTS = ["campaigns", "clients", "platforms", "leads", "sales", "spend", "outcomes"]

HOSTILE = [
    {"page": "-1"},
    {"page": "zz"},
    {"page": "0"},
    {"page": "99999999999999999999"},
    {"page": "²"},
    {"page": ""},
    {"sort": "password"},
    {"sort": "--name"},
    {"sort": "-"},
    {"sort": "lead__status"},
    {"q": "\x00"},
    {"q": "%_'\";--"},
    {"q": "x" * 1_000_000},
    {"status": "nonsense", "platform": "zz", "campaign": "-1", "show": "\x00"},
    {"platform": "99999999999999999999999999", "kind": "x" * 100_000},
    {"when": "yesterday"},
    {"when": "between", "from": "x" * 100_000, "to": "\x00"},
    {"when": "between", "from": "0001-01-01", "to": "9999-12-31"},
    {"from": "2026-11-30", "to": "2026-11-01"},
]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: " ".join(f"{k}={v[:12]!r}" for k, v in query.items()))
def test_no_address_breaks_a_list(client, manager, name, query):
    client.force_login(manager)
    assert client.get(reverse(f"campaigns:{name}"), query).status_code == 200


@pytest.mark.parametrize(("text", "page"), [("3", 3), ("0", 1), ("-1", 1), ("zz", 1), ("", 1), ("9" * 5000, 1)])
def test_a_page_number_is_one_or_more(text, page):
    assert page_number(text) == page


def test_a_search_is_short_and_without_null_bytes():
    assert clean(" \x00Du\x00pré ") == "Dupré"
    assert len(clean("x" * 1_000_000)) == 100


def make(name: str, count: int) -> None:
    """Rows that differ in all they point to, so that a query for each row would show."""
    for _ in range(count):
        if name in ("campaigns", "clients"):
            CampaignFactory()
        elif name == "platforms":
            PlatformFactory().aliases.create(text=f"alias of {PlatformFactory().name}")
        elif name == "leads":
            TouchFactory(campaign=CampaignFactory())
        elif name == "sales":
            SaleFactory(refund_of=SaleFactory(lead=LeadFactory()), amount_cents=-1)
            SaleFactory(platform=PlatformFactory(), campaign=CampaignFactory())
        elif name == "spend":
            SpendFactory(campaign=CampaignFactory())
        elif name == "outcome_values":
            OutcomeValueFactory()
        else:
            OutcomeFactory()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_much_for_thirty_rows_as_for_three(client, manager, django_assert_num_queries, name):
    client.force_login(manager)
    url = reverse(f"campaigns:{name}")
    make(name, 3)
    client.get(url)
    with django_assert_num_queries(QUERIES[name]):
        client.get(url)
    make(name, 15)
    with django_assert_num_queries(QUERIES[name]):
        client.get(url)


# Session with person, and agency; the count with the sums, and the rows; then one for each filter made of rows and each
# prefetch, for five lists their views, for outcomes their totals, for campaigns their hours and the weeks that the
# rollup does not hold yet, for leads the platforms that can be given and how many named another platform.
QUERIES = {"campaigns": 8, "clients": 4, "platforms": 5, "leads": 9, "sales": 7, "spend": 7, "outcomes": 9}


@pytest.mark.parametrize("name", ["leads", "leads_board", "sales", "spend", "outcomes", "outcome_values"])
def test_over_nothing_stands_no_filter_no_total_and_no_export_but_the_way_to_fill_it(client, director, name):
    client.force_login(director)
    page = client.get(reverse(f"campaigns:{name}")).content.decode()
    assert 'class="empty"' in page
    for absent in ('class="filters"', 'class="filtered"', 'class="menu export"', 'class="board"'):
        assert absent not in page


def test_the_way_from_an_empty_list_to_an_import_knows_what_is_imported(client, manager):
    client.force_login(manager)
    page = client.get(reverse("campaigns:sales")).content.decode()
    [address] = re.findall(r'href="([^"]*\?kind=[^"]*)"', page)
    assert client.get(address).context["form"]["kind"].value() == "sales"


def test_a_list_whose_rows_the_usual_filter_hides_keeps_its_filters(client, manager):
    client.force_login(manager)
    SpendFactory(voided_at=datetime(2026, 11, 2, tzinfo=UTC))
    page = client.get(reverse("campaigns:spend")).content.decode()
    assert "No spend yet" in page
    assert 'class="filters"' in page


def shown(response) -> list[str]:
    return [str(row) for row in response.context["listed"].page]


def test_search_filter_and_sort_work_together(client, manager):
    facebook = PlatformFactory(name="Facebook")
    for name, status in (("Beta Dupré", "new"), ("Alpha Dupré", "new"), ("Gamma Dupré", "lost"), ("Roy", "new")):
        TouchFactory(lead=LeadFactory(name=name, status=status), platform=facebook)
    LeadFactory(name="Delta Dupré")
    client.force_login(manager)
    query = {"q": "dupré", "status": "new", "platform": facebook.pk, "sort": "name"}
    assert shown(client.get(reverse("campaigns:leads"), query)) == ["Alpha Dupré", "Beta Dupré"]
    query["sort"] = "-name"
    assert shown(client.get(reverse("campaigns:leads"), query)) == ["Beta Dupré", "Alpha Dupré"]


@pytest.mark.parametrize("name", [*LISTS, "outcome_values"])
def test_every_column_sorts_both_ways(client, director, name):
    make(name, 1)
    client.force_login(director)
    address = reverse(f"campaigns:{name}")
    offered = {one.lstrip("-") for one in re.findall(r"[?;]sort=(-?\w+)", client.get(address).content.decode())}
    assert offered
    for sort in [*offered, *(f"-{one}" for one in offered)]:
        assert client.get(address, {"sort": sort}).status_code == 200, sort


def test_every_row_is_on_exactly_one_page_even_when_all_sort_alike(client, manager):
    for n in range(ROWS_A_PAGE + 5):
        LeadFactory(name=f"L{n}", received_at=datetime(2026, 11, 1, tzinfo=UTC))
    client.force_login(manager)
    url = reverse("campaigns:leads")
    names = [name for page in (1, 2) for name in shown(client.get(url, {"page": page}))]
    assert len(names) == len(set(names)) == ROWS_A_PAGE + 5
    assert shown(client.get(url, {"page": 77})) == shown(client.get(url, {"page": 2}))


def test_leads_of_unknown_origin_can_be_found(client, manager):
    LeadFactory(name="Out of the blue")
    TouchFactory(lead=LeadFactory(name="Direct"), platform=None)
    TouchFactory(lead=LeadFactory(name="Met"))
    client.force_login(manager)
    rows = shown(client.get(reverse("campaigns:leads"), {"platform": "none", "sort": "name"}))
    assert rows == ["Direct", "Out of the blue"]


def test_voided_rows_are_hidden_until_asked_for(client, manager):
    at = datetime(2026, 11, 20, tzinfo=UTC)
    LeadFactory(name="Kept")
    LeadFactory(name="Voided").void(at=at)
    client.force_login(manager)
    url = reverse("campaigns:leads")
    assert shown(client.get(url)) == ["Kept"]
    assert shown(client.get(url, {"show": "void"})) == ["Voided"]
    assert len(shown(client.get(url, {"show": "all"}))) == 2


def test_the_refunds_of_a_voided_sale_count_no_more(client, manager):
    sale = SaleFactory(description="Site", amount_cents=10_000)
    SaleFactory(description="Back", refund_of=sale, amount_cents=-1_000)
    sale.void(at=datetime(2026, 11, 20, tzinfo=UTC))
    SaleFactory(description="Other", amount_cents=500)
    client.force_login(manager)
    response = client.get(reverse("campaigns:sales"))
    assert shown(response) == ["Other"]
    assert response.context["listed"].sums["net_cents"] == 500
    assert sorted(shown(client.get(reverse("campaigns:sales"), {"show": "void"}))) == ["Back", "Site"]


def test_the_sum_under_sales_is_of_all_pages(client, manager):
    for _ in range(ROWS_A_PAGE + 1):
        SaleFactory(amount_cents=100)
    client.force_login(manager)
    sums = client.get(reverse("campaigns:sales")).context["listed"].sums
    assert (sums["count"], sums["net_cents"]) == (ROWS_A_PAGE + 1, 100 * (ROWS_A_PAGE + 1))


def test_a_campaign_found_by_two_aliases_is_listed_once(client, manager):
    campaign = CampaignFactory(name="Spring")
    campaign.aliases.create(text="spring one")
    campaign.aliases.create(text="spring two")
    client.force_login(manager)
    assert shown(client.get(reverse("campaigns:campaigns"), {"q": "spring"})) == ["Spring"]


def test_the_query_of_the_address_survives_a_sort(client, manager):
    CampaignFactory(client=ClientFactory(name="Dupré"))
    client.force_login(manager)
    text = client.get(reverse("campaigns:campaigns"), {"q": "a&b", "page": "1"}).content.decode()
    assert 'value="a&amp;b"' in text


def test_received_shows_on_the_agencys_clock(client, manager):
    LeadFactory(received_at=datetime(2026, 11, 17, 23, 30, tzinfo=UTC))
    client.force_login(manager)
    assert "18 Nov 2026, 00:30" in client.get(reverse("campaigns:leads")).content.decode()


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, "?"),
        ({"page": "2", "format": "csv"}, "?"),
        ({"q": "a&b", "page": "2", "show": "all"}, "?q=a%26b&amp;show=all&amp;"),
    ],
    ids=["nothing asked", "nothing that a file keeps", "search and filter"],
)
def test_a_way_out_keeps_what_is_asked_but_the_page(client, manager, query, kept):
    make("spend", 1)
    client.force_login(manager)
    text = client.get(reverse("campaigns:spend"), query).content.decode()
    for name in ("reader-xlsx", "reader-csv", "xlsx", "csv"):
        assert f'href="{reverse("campaigns:spend_export")}{kept}format={name}"' in text
