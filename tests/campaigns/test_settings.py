"""The agency's settings."""

from decimal import Decimal

import pytest
from django.urls import reverse

from campaigns.models import Agency, StaleMark

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
        "minimum_spend_cents": "5000",
        "usual_delay_months": "8",
        "usual_delay_spread_months": "4",
        "keep_leads_months": "36",
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
    sent = {"typical_sale_cents": "4 500,50", "minimum_spend_cents": "0", "own_brand_limit": "20"}
    signed_in.post(reverse(URL), settings(**sent, usual_delay_months="5", usual_delay_spread_months="2"))
    agency = Agency.current()
    assert (agency.typical_sale_cents, agency.minimum_spend_cents, agency.own_brand_limit) == (
        450_050,
        0,
        Decimal("0.2"),
    )
    assert (agency.usual_delay_months, agency.usual_delay_spread_months) == (5, 2)
    assert "Typical sale, in EUR" in signed_in.get(reverse(URL)).content.decode()


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
        ({"typical_sale_cents": "0"}, "typical_sale_cents"),
        ({"typical_sale_cents": "a lot"}, "typical_sale_cents"),
        ({"minimum_spend_cents": "-1"}, "minimum_spend_cents"),
        ({"minimum_spend_cents": ""}, "minimum_spend_cents"),
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
