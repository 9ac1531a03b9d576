"""An address that asks for what there cannot be: the page shows the usual and says so; a file never leaves for it."""

import html

import pytest

from tests.security.crawl import TAG

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NO_CHOICE = "is not one of the choices, so the usual one is shown."
NO_PAGE = "There is no page “{}”, so page 1 is shown."

SAID = [
    ("/?from=2026-W54", "“2026-W54” is not a week."),
    ("/?model=x", f"Attribution: “x” {NO_CHOICE}"),
    ("/?weeks=-1", f"Period: “-1” {NO_CHOICE}"),
    ("/explain/?figure=x", "There is no such figure, so the return is explained."),
    ("/explain/?person=999999", "There is no such person, so everybody’s figure is explained."),
    ("/explain/?figure=leads&page=-1", NO_PAGE.format("-1")),
    ("/leads/?page=-1", NO_PAGE.format("-1")),
    ("/leads/?page=x", NO_PAGE.format("x")),
    ("/sales/?page=999999999999999999999", NO_PAGE.format("999999999999999999999")),
    ("/sales/?sort=-password", f"Order: “-password” {NO_CHOICE}"),
    ("/spend/?platform=99999999999999999999", f"Platform: “99999999999999999999” {NO_CHOICE}"),
    ("/leads/?status=%00%00", f"Status: “” {NO_CHOICE}"),
    ("/leads/?q=" + "x" * 5000, "Only the first 100 characters are searched for."),
    ("/outcomes/?measure=" + "m" * 5000, f"What was counted: “{'m' * 40}…” {NO_CHOICE}"),
    ("/imports/?page=7", NO_PAGE.format("7")),
    ("/summaries/?page=0", NO_PAGE.format("0")),
    ("/team/?week=2026-W54", "There is no such week. Weeks are written like 2026-W47."),
    ("/hours/?week=2026-W00", "There is no such week. Weeks are written like 2026-W47."),
    ("/my-hours/?by=x", f"Grouped by: “x” {NO_CHOICE}"),
    ("/my-hours/?first=2026-W54&last=2026-W47", "There is no week 54 in 2026."),
    ("/my-hours/?last=2026-W00", "There is no week 0 in 2026."),
]


@pytest.mark.parametrize(("address", "sentence"), SAID, ids=lambda value: value[:40])
def test_what_an_address_cannot_mean_is_said(estate, address, sentence):
    answer = estate.client("director").get(address, follow=True)
    assert answer.status_code == 200
    said = " ".join(html.unescape(TAG.sub(" ", answer.content.decode())).split())
    assert said.count(sentence) == 1
    assert len(sentence) < 150


@pytest.mark.parametrize(
    ("page", "file", "query"),
    [
        ("/leads/", "/leads/export.csv", "status=x"),
        ("/leads/", "/leads/touches.csv", "platform=x"),
        ("/sales/", "/sales/export.csv", "sort=x"),
        ("/spend/", "/spend/export.csv", "show=x"),
        ("/outcomes/", "/outcomes/export.csv", "purpose=x"),
        ("/", "/export/figures.csv", "from=2026-W54"),
        ("/", "/export/figures.xlsx", "model=x"),
        ("/explain/", "/explain/rows.csv", "figure=x"),
        ("/explain/", "/explain/rows.xlsx", "person=999999"),
    ],
)
def test_no_file_is_of_something_else_than_was_asked(estate, page, file, query):
    client = estate.client("director")
    answer = client.get(f"{file}?{query}")
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"{page}?{query}")
    assert client.get(file).status_code == 200, "and of the usual it is"


def test_no_file_is_of_weeks_that_there_cannot_be(estate):
    answer = estate.client("member").get("/my-hours/?first=2026-W54&last=2026-W47&format=csv")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "There is no week 54 in 2026." in answer.content.decode()
