"""A form that is refused says so in a sentence at the field, keeps all that was typed, and has written nothing."""

from typing import Any

import pytest

from tests.security import corpus
from tests.security.crawl import read
from tests.security.estate import Estate, undone
from tests.security.forms import Form, errors_of, form_of
from tests.security.routes import BY_NAME, Route
from tests.security.test_bad_input import counted, rows

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Forms that save one record each, and what must stand there for the rest of them to be right.
FORMS: dict[str, dict[str, str]] = {
    "campaigns:campaign_add": {},
    "campaigns:client_add": {},
    "campaigns:platform_add": {},
    "campaigns:lead_add": {"disqualified_reason": ""},
    "campaigns:sale_add": {"lead": "lead@client.example"},
    "campaigns:sale_edit": {},
    "campaigns:refund_add": {},
    "campaigns:spend_add": {},
    "campaigns:outcome_add": {},
    "campaigns:outcome_value_add": {},
    "campaigns:settings": {},
    "timesheets:profile": {},
    "timesheets:absences": {"last_day": ""},
    "timesheets:add_person": {"left_on": ""},
    "timesheets:rates": {},
    "reports:subscribers": {},
}
# What looks wrong and can be meant: a day without hyphens, the Monday of a week.
TAKEN = {("received_at", "20261118"), ("received_at", "2026-W47")}
# A reason is only read for a lead that is disqualified; the number of the page by a second sending.
IGNORED = {"disqualified_reason", "once"}
by_form = pytest.mark.parametrize("route", [BY_NAME[name] for name in FORMS], ids=lambda route: route.name)
# The page of the settings offers each time zone there is: it takes a tenth of a second.
SLOW = "campaigns:settings"
EVERY = 9


def shown(estate: Estate, route: Route) -> tuple[str, Form, dict[str, str]]:
    """The address of a form, the form, and something right in each of its fields."""
    address = estate.address(route.name, route.of, "director")
    form = form_of(read(address, estate.client("director").get(address)).text, address)
    return address, form, {**form.completed(), **FORMS[route.name]}


def wrongs(form: Form, route: Route) -> list[tuple[str, str]]:
    """Each field with each value that is wrong in its kind."""
    return [(name, text) for name, one in form.fields.items() for text in corpus.WRONG.get(one.kind, [])]


def check(
    estate: Estate, address: str, form: Form, right: dict[str, str], wrong: tuple[str, str], answers: Any
) -> None:
    name, text = wrong
    sent = {**right, name: text}
    with undone():
        before = rows()
        page = read(address, estate.client("director").post(address, sent))
        answers[f"{page.status // 100}xx"] += 1
        if (name, text) in TAKEN or name in IGNORED:
            assert page.status in {200, 302}, f"{page.status}: {name} = {text[:60]!r}"
            return
        assert page.status == 422, f"{page.status}: {name} = {text[:60]!r}"
        answers["half-written"] += rows() != before
        assert not answers["half-written"], f"half-written: {name} = {text[:60]!r}"
    errors, back = errors_of(page.text), form_of(page.text, address).values
    assert len(errors.get(name, "")) > 10, f"nothing is said at {name} = {text[:60]!r}, but {errors}"
    lost = {one: back.get(one) for one in right if one not in (name, "once") and back.get(one) != sent[one]}
    assert not lost, f"lost beside {name} = {text[:60]!r}: {lost}"
    if form.fields[name].is_typed:
        assert plain(back[name]) == plain(text), f"what was typed in {name} is lost"


def plain(text: str) -> str:
    """Without what no page can hold, and with the line ends of one."""
    return text.replace("\x00", "").replace("\ufffd", "").replace("\r\n", "\n")


@by_form
def test_a_form_that_is_right_is_taken(estate, route):
    """Or the refusals below would not be those of the one field that is wrong."""
    address, _form, right = shown(estate, route)
    with undone():
        answer = estate.client("director").post(address, right)
    assert answer.status_code in {200, 302}, errors_of(answer.content.decode())


@by_form
def test_a_wrong_value_is_refused_at_its_field_and_nothing_typed_is_lost(estate, route, record_property):
    """One value of each kind in each field, here: the next value in the next field."""
    address, form, right = shown(estate, route)
    with counted(record_property) as answers:
        for number, (name, one) in enumerate(form.fields.items()):
            if (values := corpus.WRONG.get(one.kind, [])) and (route.name != SLOW or number % 4 == 0):
                check(estate, address, form, right, (name, values[(number * 5) % len(values)]), answers)


# A wrong value beside the names, so that the form comes back with them.
BESIDE = {
    "campaigns:campaign_add": "starts_on",
    "campaigns:platform_add": "weekly_limit_minutes",
    "campaigns:lead_add": "email",
    "campaigns:sale_add": "amount_cents",
    "campaigns:refund_add": "sold_on",
    "campaigns:spend_add": "ends_on",
    "campaigns:outcome_add": "week",
    "timesheets:add_person": "weekly_minutes",
    "reports:subscribers": "email",
}


@pytest.mark.parametrize(("name", "wrong"), BESIDE.items(), ids=BESIDE)
def test_strange_names_come_back_as_they_were_typed(estate, name, wrong):
    address, form, right = shown(estate, BY_NAME[name])
    strange = "".join(corpus.NAMES)[:80]
    texts = [one.name for one in form.fields.values() if one.kind in ("text", "textarea")]
    typed = {name: strange for name in texts if name != wrong}
    with undone():
        answer = estate.client("director").post(address, right | typed | {wrong: "nonsense"})
    page = answer.content.decode()
    back = form_of(page, address).values
    assert (answer.status_code, bool(errors_of(page).get(wrong))) == (422, True)
    assert {one: back[one] for one in typed} == typed


@pytest.mark.soak
@by_form
def test_every_wrong_value_of_every_field_is_refused_there_and_nothing_typed_is_lost(estate, route, record_property):
    address, form, right = shown(estate, route)
    chosen = wrongs(form, route)[:: EVERY if route.name == SLOW else 1]
    with counted(record_property) as answers:
        for wrong in chosen:
            check(estate, address, form, right, wrong, answers)
