"""The dashboard of the demo agency is read in a minute: few words, and on a phone few screens."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

from operations.demo.people import LOGINS
from tests.operations.test_demo import UNTIL
from timesheets.models import User

MOST_WORDS = 550
MOST_PIXELS = 3_327  # half of what it once took
WORDS = "document.querySelector('main').innerText.split(/\\s+/).filter(Boolean).length"
PIXELS = "document.documentElement.scrollHeight"
MONDAY = datetime.combine(UNTIL.next.days[0], datetime.min.time(), UTC).replace(hour=9)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_demo_s_dashboard_has_few_words_and_is_short_on_a_phone(
    signed_in_page, transactional_db, take_screenshot, language
):
    with time_machine.travel(MONDAY):
        call_command("demo", until=UNTIL, language=language, verbosity=0)
        page = signed_in_page(User.objects.get(email=LOGINS["director"]))
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto("/")
        assert page.evaluate(WORDS) <= MOST_WORDS
        page.set_viewport_size({"width": 390, "height": 844})
        take_screenshot(f"dashboard-demo-390-{language}")
        assert page.evaluate(PIXELS) <= MOST_PIXELS
