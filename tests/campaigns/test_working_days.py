"""Public holidays by country and region, and the weekend there."""

from datetime import date

import pytest

from campaigns import working_days


def test_the_holidays_of_a_year_are_named_in_the_readers_language_where_it_is_known():
    french = working_days.public_holidays("FR", "", 2026, "fr")
    assert french[date(2026, 7, 14)] == "Fête nationale"
    assert list(french) == sorted(french)
    assert working_days.public_holidays("FR", "", 2026, "en")[date(2026, 7, 14)] == "National Day"
    assert working_days.public_holidays("DE", "", 2026, "fr")[date(2026, 10, 3)] == "Tag der Deutschen Einheit"


def test_a_region_adds_its_own_and_one_of_another_country_counts_for_nothing():
    national = working_days.public_holidays("FR", "", 2026, "fr")
    assert set(working_days.public_holidays("FR", "57", 2026, "fr")) - set(national) == {
        date(2026, 4, 3),
        date(2026, 12, 26),
    }
    assert working_days.public_holidays("FR", "TX", 2026, "fr") == national


def test_only_regions_that_differ_are_offered_by_name():
    offered = dict(working_days.regions("FR", 2026))
    assert offered["57"] == "Moselle"
    assert "Zone A" not in offered
    assert dict(working_days.regions("CA", 2026))["QC"] == "Quebec"


def test_a_country_that_is_not_known_has_none():
    assert working_days.public_holidays("ZZ", "", 2026, "en") == {}
    assert working_days.regions("ZZ", 2026) == ()
    assert working_days.weekend_in("ZZ") == frozenset({5, 6})


@pytest.mark.parametrize(("country", "weekend"), [("FR", {5, 6}), ("IL", {4, 5}), ("EG", {4, 5})])
def test_the_weekend_is_the_countrys(country, weekend):
    assert working_days.weekend_in(country) == weekend
