"""The agency's settings."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Agency, StaleMark, UnrecordedPeriod
from tests import factories

URL = "campaigns:settings"


@pytest.fixture
def signed_in(client, director):
    client.force_login(director)
    return client


def settings(**fields: object) -> dict[str, object]:
    return {
        "name": "Atelier",
        "language": "en",
        "country": "FR",
        "currency": "EUR",
        "time_zone": "Europe/Paris",
        "gross_margin": "60",
        "target_return": "1,25",
        "window_weeks": "13",
        "settling_weeks": "13",
        "usual_delay_months": "8",
        "usual_delay_spread_months": "4",
        "keep_leads_months": "36",
        "summary_weekday": "0",
        "summary_hour": "8",
        "credit_model": "linear",
        "lookback_days": "365",
        "half_life_days": "",
        **fields,
    }


def test_settings_are_saved_as_they_were_typed(signed_in):
    signed_in.post(reverse(URL), settings())
    agency = Agency.current()
    assert (agency.name, agency.gross_margin, agency.target_return) == ("Atelier", Decimal("0.6"), Decimal("1.25"))
    text = signed_in.get(reverse(URL)).content.decode()
    assert 'value="60"' in text
    assert 'value="1.25"' in text


def test_the_guesses_before_the_first_sale_are_saved_in_cents_and_shares(signed_in):
    sent = {"typical_sale_cents": "4 500,50", "own_brand_limit": "20"}
    signed_in.post(reverse(URL), settings(**sent, usual_delay_months="5", usual_delay_spread_months="2"))
    agency = Agency.current()
    assert (agency.typical_sale_cents, agency.own_brand_limit) == (450_050, Decimal("0.2"))
    assert (agency.usual_delay_months, agency.usual_delay_spread_months) == (5, 2)
    assert "What a usual sale brings, in EUR" in signed_in.get(reverse(URL)).content.decode()


def test_every_setting_stands_in_one_group(signed_in):
    form = signed_in.get(reverse(URL)).context["form"]
    assert [field.name for _legend, group in form.groups for field in group] == list(form.fields)
    assert set(form.fields) >= {"typical_sale_cents", "keep_leads_months", "needs_second_factor"}


@pytest.mark.parametrize(
    "changed", [{"lookback_days": "90"}, {"half_life_days": "30"}, {"time_zone": "America/Toronto"}], ids=str
)
def test_what_changes_credits_marks_everything(signed_in, changed):
    signed_in.post(reverse(URL), settings())
    StaleMark.objects.all().delete()
    response = signed_in.post(reverse(URL), settings(**changed), follow=True)
    assert StaleMark.objects.filter(everything=True).exists()
    assert "being recomputed" in response.content.decode()


def test_a_new_name_marks_nothing(signed_in):
    signed_in.post(reverse(URL), settings())
    StaleMark.objects.all().delete()
    signed_in.post(reverse(URL), settings(name="Other"))
    assert not StaleMark.objects.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": ""}, "name"),
        ({"currency": "ZZZ"}, "currency"),
        ({"country": "Paris"}, "country"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"gross_margin": "0"}, "gross_margin"),
        ({"gross_margin": "0.6"}, "gross_margin"),
        ({"gross_margin": "66.666"}, "gross_margin"),
        ({"target_return": "0"}, "target_return"),
        ({"target_return": "1.001"}, "target_return"),
        ({"window_weeks": "0"}, "window_weeks"),
        ({"window_weeks": "9" * 30}, "window_weeks"),
        ({"settling_weeks": "-1"}, "settling_weeks"),
        ({"lookback_days": "0"}, "lookback_days"),
        ({"half_life_days": "0"}, "half_life_days"),
        ({"half_life_days": "99999"}, "half_life_days"),
        ({"credit_model": "gut"}, "credit_model"),
        ({"sales_complete_since": "2926-01-01"}, "sales_complete_since"),
        ({"sales_complete_since": "2099-01-01"}, "sales_complete_since"),
        ({"sales_complete_since": "0026-01-01"}, "sales_complete_since"),
        ({"sales_complete_since": "last year"}, "sales_complete_since"),
        ({"typical_sale_cents": "0"}, "typical_sale_cents"),
        ({"typical_sale_cents": "a lot"}, "typical_sale_cents"),
        ({"usual_delay_months": "0"}, "usual_delay_months"),
        ({"usual_delay_months": "61"}, "usual_delay_months"),
        ({"usual_delay_spread_months": "0"}, "usual_delay_spread_months"),
        ({"own_brand_limit": "101"}, "own_brand_limit"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(signed_in, sent, field):
    Agency.current()
    response = signed_in.post(reverse(URL), settings(**sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Agency.current().name == "Retour"


def test_who_changed_the_settings_and_how_is_shown(signed_in, director):
    signed_in.post(reverse(URL), settings())
    signed_in.post(reverse(URL), settings(target_return="1,50"))
    text = signed_in.get(reverse(URL)).content.decode()
    assert director.name in text
    assert "<del>1.25</del> → <ins>1.5</ins>" in text


def test_saving_what_is_there_already_leaves_no_trace(signed_in):
    signed_in.post(reverse(URL), settings())
    versions = Agency.current().history.count()
    response = signed_in.post(reverse(URL), settings(), follow=True)
    assert "Nothing has changed." in response.content.decode()
    assert Agency.current().history.count() == versions


# -- since when, and when not, there are records ----------------------------------------------------------------------

ADD = "campaigns:unrecorded_period_add"


def days(first: object, last: object) -> dict[str, str]:
    return {"first_day": str(first), "last_day": str(last)}


def _agencys_today() -> date:
    """In the agency's zone: near midnight it is another day than the server's."""
    return timezone.now().astimezone(Agency.current().zone).date()


def test_since_when_sales_are_complete_is_saved_and_can_be_emptied(signed_in):
    today = _agencys_today()
    signed_in.post(reverse(URL), settings(sales_complete_since=str(today)))
    assert Agency.current().sales_complete_since == today
    signed_in.post(reverse(URL), settings(sales_complete_since=""))
    assert Agency.current().sales_complete_since is None


def test_a_day_that_has_not_come_is_refused_in_words(signed_in):
    tomorrow = _agencys_today() + timedelta(days=1)
    response = signed_in.post(reverse(URL), settings(sales_complete_since=str(tomorrow)))
    said = response.context["form"].errors["sales_complete_since"]
    assert said == ["This day has not come yet. Write today's date or an earlier one."]


def test_a_period_without_records_is_added_changed_and_removed_and_the_settings_remember_it(signed_in, director):
    signed_in.post(reverse(ADD), days("2025-07-01", "2025-07-31"))
    period = UnrecordedPeriod.objects.get()
    assert (period.first_day, period.last_day) == (date(2025, 7, 1), date(2025, 7, 31))
    page = reverse("campaigns:unrecorded_period", args=[period.pk])
    assert page in signed_in.get(reverse(URL)).content.decode()
    signed_in.post(page, days("2025-07-01", "2025-08-02"))
    period.refresh_from_db()
    assert period.last_day == date(2025, 8, 2)
    signed_in.post(reverse("campaigns:unrecorded_period_remove", args=[period.pk]))
    assert not UnrecordedPeriod.objects.exists()
    steps = [step for step in signed_in.get(reverse(URL)).context["history"] if step.differences]
    assert [step.by for step in steps] == [director.name] * 3
    told = [(change.before, change.after) for step in steps for change in step.differences]
    assert [after == "–" for _before, after in told] == [True, False, False]
    assert told[0][0] == told[1][1] != told[1][0] == told[2][1]


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        (days("2025-07-31", "2025-07-01"), "last_day", "The last day is before the first."),
        (days("2025-08-16", "2025-08-20"), "first_day", "It overlaps with the period 1–16 Aug 2025"),
        (days("2025-07-20", "2025-08-01"), "first_day", "It overlaps with the period 1–16 Aug 2025"),
        (days("2025-07-20", "2025-09-20"), "first_day", "It overlaps with the period 1–16 Aug 2025"),
        (days("2025-07-20", "2099-09-20"), "last_day", "This day has not come yet."),
        (days("", "2025-07-20"), "first_day", "This field is required."),
        (days("2025-02-30", "2025-07-20"), "first_day", "There is no such day in the calendar."),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_period_is_said_at_its_day(signed_in, sent, field, says):
    factories.UnrecordedPeriodFactory()
    response = signed_in.post(reverse(ADD), sent)
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert list(errors) == [field]
    assert errors[field][0].replace("\u2009", " ").startswith(says)
    assert UnrecordedPeriod.objects.count() == 1


def test_a_period_does_not_overlap_with_itself(signed_in):
    period = factories.UnrecordedPeriodFactory()
    page = reverse("campaigns:unrecorded_period", args=[period.pk])
    assert signed_in.post(page, days("2025-08-02", "2025-08-16")).status_code == 302


@pytest.mark.django_db
def test_the_database_keeps_periods_apart_too():
    factories.UnrecordedPeriodFactory()
    beside = factories.UnrecordedPeriodFactory(first_day=date(2025, 8, 17), last_day=date(2025, 8, 17))
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.UnrecordedPeriodFactory(first_day=date(2025, 8, 10), last_day=date(2025, 8, 12))
    with pytest.raises(IntegrityError), transaction.atomic():
        UnrecordedPeriod.objects.filter(pk=beside.pk).update(first_day=date(2025, 8, 16))
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.UnrecordedPeriodFactory(first_day=date(2025, 9, 2), last_day=date(2025, 9, 1))
