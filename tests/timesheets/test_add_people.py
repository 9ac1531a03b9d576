"""A whole team at once: pasted, from a file or typed, with what an hour costs; and links while there is no e-mail."""

import io
import logging
from datetime import date, timedelta

import openpyxl
import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.models import Agency, ImportRun
from tests import factories
from timesheets import invitations, people_table
from timesheets.models import JOIN_DAY_UNKNOWN, CostRate, User

pytestmark = pytest.mark.django_db
PAGE = "/team/people/add-several"
FRENCH = """Prénom\tNom\tAdresse e-mail\tHeures par semaine\tDate d'embauche\tCoût horaire\tDepuis\tBureau
Inès\tAubry\tines@example.com\t35\t02/11/2026\t45,50\t01/01/2026\t12
Yann\tLe Goff\tYANN@example.com\t28,5\t15/03/2024\t52\t01/01/2026\t14
"""


@pytest.fixture
def web(client, director):
    Agency.current()
    client.force_login(director)
    return client


@pytest.fixture
def without_email(settings):
    settings.EMAIL_IS_SET_UP = False


def read(web, text="", **more):
    return web.post(PAGE, {"read": "1", "text": text, "order": "dmy", **more})


def as_typed(answer):
    """The table as the browser would send it."""
    people = answer.context["people"]
    sent = {"form-TOTAL_FORMS": len(people.forms), "form-INITIAL_FORMS": 0}
    for form in people:
        sent |= {field.html_name: field.value() or "" for field in form}
    return sent


def line(number, **fields):
    usual = {"name": "Inès Aubry", "email": "ines@example.com", "role": "member", "weekly_minutes": "35"}
    return {f"form-{number}-{name}": value for name, value in {**usual, **fields}.items()}


def table(*lines):
    return {"form-TOTAL_FORMS": len(lines), "form-INITIAL_FORMS": 0} | {k: v for line in lines for k, v in line.items()}


# -- reading a sheet --------------------------------------------------------------------------------------------------


def test_a_french_sheet_is_pasted_looked_at_and_saved(web):
    shown = read(web, FRENCH)
    assert "Bureau" in shown.content.decode()  # the column that was not read
    assert not User.objects.filter(email="ines@example.com").exists()
    web.post(PAGE, as_typed(shown))
    ines, yann = User.objects.get(email="ines@example.com"), User.objects.get(email="yann@example.com")
    assert (ines.name, ines.weekly_minutes, ines.joined_on) == ("Inès Aubry", 2100, date(2026, 11, 2))
    assert (yann.name, yann.weekly_minutes, yann.joined_on) == ("Yann Le Goff", 1710, date(2024, 3, 15))
    assert set(CostRate.objects.values_list("member__name", "starts_on", "hourly_cents")) == {
        ("Inès Aubry", date(2026, 1, 1), 4550),
        ("Yann Le Goff", date(2026, 1, 1), 5200),
    }
    assert not ines.has_usable_password()
    assert sorted(address for letter in mail.outbox for address in letter.to) == [
        "ines@example.com",
        "yann@example.com",
    ]


def test_twenty_four_people_take_two_answers(web):
    lines = "\n".join(f"Person {n}\tperson.{n}@agency.example\t35\t2026-01-05\t{40 + n}\t2026-01-05" for n in range(24))
    web.post(PAGE, as_typed(read(web, lines)))
    assert User.objects.filter(email__endswith="@agency.example").count() == 24
    assert CostRate.objects.count() == 24


@pytest.mark.parametrize(
    ("pasted", "people"),
    [
        (
            "ines.aubry@example.com\nyann@example.com",
            [("Ines Aubry", "ines.aubry@example.com"), ("Yann", "yann@example.com")],
        ),
        ("Inès Aubry <ines@example.com>", [("Inès Aubry", "ines@example.com")]),
        ("Inès\nYann", [("Inès", ""), ("Yann", "")]),
        ("ines@example.com;Inès Aubry", [("Inès Aubry", "ines@example.com")]),
        ("Name,E-mail\nInès,ines@example.com\n\n", [("Inès", "ines@example.com")]),
        ("Team of 2026\n\nName;E-mail\nInès;ines@example.com", [("Inès", "ines@example.com")]),
    ],
    ids=["addresses", "names with addresses", "names", "the other way round", "with a header", "below a title"],
)
def test_what_people_paste(pasted, people):
    found = people_table.read_text(pasted, order="dmy").rows
    assert [(row["name"], row.get("email", "")) for row in found] == people


@pytest.mark.parametrize(
    ("days", "order", "expected"),
    [
        (["02/03/2026"], "dmy", ["2026-03-02"]),
        (["02/03/2026"], "mdy", ["2026-02-03"]),
        (["02/03/2026", "13/03/2026"], "mdy", ["2026-03-02", "2026-03-13"]),
        (["2026-03-02"], "mdy", ["2026-03-02"]),
        (["soon"], "dmy", ["soon"]),
    ],
    ids=str,
)
def test_the_days_of_a_column_tell_their_order_else_the_answer_does(days, order, expected):
    text = "Name\tJoined\n" + "\n".join(f"Inès\t{day}" for day in days)
    assert [row["joined_on"] for row in people_table.read_text(text, order=order).rows] == expected


@pytest.mark.parametrize(("country", "order"), [("FR", "dmy"), ("US", "mdy")])
def test_the_agencys_country_says_which_order_is_offered(web, country, order):
    Agency.objects.update(country=country)
    assert web.get(PAGE).context["sheet"]["order"].value() == order


def test_a_workbook_is_read_and_nothing_of_it_is_kept(web, settings, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Name", "E-mail", "Rate", "From", "Role"])
    book.active.append(["Inès", "ines@example.com", 45.5, date(2026, 1, 5), "Responsable"])
    packed = io.BytesIO()
    book.save(packed)
    shown = web.post(PAGE, {"read": "1", "order": "dmy", "file": SimpleUploadedFile("people.xlsx", packed.getvalue())})
    web.post(PAGE, as_typed(shown))
    assert User.objects.get(email="ines@example.com").is_manager
    assert CostRate.objects.get().hourly_cents == 4550
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("sent", "at", "sentence"),
    [
        ({"text": ""}, "text", "Paste at least one line"),
        ({"text": "Name\tE-mail"}, "text", "no rows"),
        ({"text": "Inès\x00"}, "text", "cannot be stored"),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")}, "file", "CSV"),
    ],
    ids=["nothing", "a header alone", "a character", "a PDF"],
)
def test_what_is_no_sheet_is_said_in_a_sentence(web, sent, at, sentence):
    answer = web.post(PAGE, {"read": "1", "order": "dmy", **sent})
    assert answer.status_code == 422
    assert sentence in str(answer.context["sheet"].errors[at])


def test_more_than_a_hundred_lines_are_said(web):
    shown = read(web, "\n".join(f"Person {n}\tp{n}@example.com" for n in range(102)))
    assert len(shown.context["people"].forms) == 100
    assert "2 lines were left out" in shown.content.decode()
    assert web.post(PAGE, as_typed(shown)).status_code == 302


# -- the table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"email": "ines"}, "email", "Write an e-mail address"),
        ({"email": "taken@example.com"}, "email", "Somebody has this address already."),
        ({"email": "FIRST@example.com"}, "email", "This address stands in a line above."),
        ({"weekly_minutes": "full"}, "weekly_minutes", "Write a number"),
        ({"weekly_minutes": "200"}, "weekly_minutes", "A week has 168 hours."),
        ({"joined_on": "02/03/2026"}, "joined_on", "Write the day as year-month-day"),
        ({"hourly_cents": "45"}, "starts_on", "From which day on does an hour cost this?"),
        ({"starts_on": "2026-01-05"}, "hourly_cents", "What does an hour cost from this day on?"),
        ({"hourly_cents": "123456", "starts_on": "2026-01-05"}, "hourly_cents", "check the decimals"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_in_its_cell_and_nobody_is_added(web, fields, at, sentence):
    factories.MemberFactory(email="taken@example.com")
    before = User.objects.count()
    answer = web.post(PAGE, table(line(0, email="first@example.com"), line(1, **fields)))
    assert answer.status_code == 422
    assert sentence in str(answer.context["people"].forms[1].errors[at])
    for value in fields.values():
        assert value in answer.content.decode()  # nothing typed is lost
    assert (User.objects.count(), mail.outbox) == (before, [])


def test_a_role_that_there_is_not_is_asked_for(web):
    shown = read(web, "Name\tE-mail\tRole\nInès\tines@example.com\tStagiaire")
    assert shown.context["people"].forms[0].errors["role"] == ["Choose one from the list."]


def test_empty_lines_are_left_out_and_a_table_of_them_is_refused(web):
    empty = line(1, name="", email="")
    assert web.post(PAGE, table(line(0), empty)).status_code == 302
    assert "Fill in at least one line." in web.post(PAGE, table(line(0, name="", email=""))).content.decode()


def test_a_day_that_nobody_told_is_no_day(web):
    web.post(PAGE, table(line(0)))
    assert User.objects.get(email="ines@example.com").joined_on == JOIN_DAY_UNKNOWN


def test_who_could_not_be_sent_an_e_mail_is_named(web, monkeypatch):
    def away(*_arguments, **_options):
        raise OSError("away")

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", away)
    page = web.post(PAGE, table(line(0), line(1, name="Yann", email="y@example.com")), follow=True).content.decode()
    assert "2 people were added." in page
    assert "No e-mail could be sent to Inès Aubry, Yann." in page
    assert User.objects.filter(email="y@example.com").exists()


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_directors_add_people_and_what_they_cost(client, role, request):
    client.force_login(request.getfixturevalue(role))
    for answer in (client.get(PAGE), client.post(PAGE, table(line(0))), read(client, FRENCH)):
        assert answer.status_code == 403
    assert not User.objects.filter(email="ines@example.com").exists()


# -- while e-mail is not set up ---------------------------------------------------------------------------------------


def shown_links(answer):
    return [link for _person, link in answer.context["links"]]


def test_without_e_mail_each_link_is_shown_once_and_leads_to_a_password(web, without_email, caplog):
    with caplog.at_level(logging.INFO):
        answer = web.post(PAGE, table(line(0), line(1, name="Yann", email="y@example.com")))
    links = shown_links(answer)
    assert len(links) == 2
    assert all(link in answer.content.decode() for link in links)
    assert mail.outbox == []
    said = [record.getMessage() for record in caplog.records if "invitation link" in record.getMessage()]
    assert len(said) == 2
    assert not any(link.split("/")[-2] in caplog.text for link in links)
    assert links[0] not in web.get("/team/").content.decode()
    path = links[0].removeprefix("http://testserver")
    password = {"new_password1": "a long walk home", "new_password2": "a long walk home"}
    assert Client().post(path, password).status_code == 302
    assert Client().get(path).status_code == 404  # used


def test_a_shown_link_lives_a_day(member, director):
    member.set_unusable_password()
    member.save()
    with time_machine.travel("2026-11-18T12:00Z", tick=False) as clock:
        path = invitations.shown_link(member, to=director).removeprefix("http://testserver")
        clock.shift(timedelta(hours=24))
        assert Client().get(path).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert Client().get(path).status_code == 404


def test_no_link_is_shown_of_an_account_that_has_a_password(web, member, director, without_email):
    answer = web.post(f"/team/people/{member.pk}", {"invite": "1"}, follow=True)
    assert "has a password, so no link is shown" in answer.content.decode()
    assert "/welcome/" not in answer.content.decode()
    with pytest.raises(invitations.HasPassword):
        invitations.shown_link(member, to=director)


def test_one_person_gets_their_link_shown_too(web, without_email):
    person = {
        "name": "Inès",
        "email": "i@example.com",
        "role": "member",
        "weekly_minutes": "35",
        "joined_on": "2026-01-05",
    }
    answer = web.post("/team/people/add", person | {"is_active": "on"})
    assert len(shown_links(answer)) == 1
    again = web.post(f"/team/people/{User.objects.get(email='i@example.com').pk}", {"invite": "1"})
    assert len(shown_links(again)) == 1
    assert mail.outbox == []


def test_with_e_mail_no_link_is_shown(web):
    web.post(PAGE, table(line(0)))
    person = User.objects.get(email="ines@example.com")
    assert "/welcome/" not in web.post(f"/team/people/{person.pk}", {"invite": "1"}, follow=True).content.decode()
    assert len(mail.outbox) == 2
