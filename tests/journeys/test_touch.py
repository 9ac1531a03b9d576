"""What a finger is to hit has 44 px of height, on every page that people use on the way."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

from operations.demo.people import LOGINS
from tests.operations.test_demo import UNTIL
from timesheets.models import User

pytestmark = pytest.mark.browser_context_args(
    viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
)
MONDAY = datetime.combine(UNTIL.next.days[0], datetime.min.time(), UTC).replace(hour=9)
PAGES = {
    "director": (
        "/",
        "/leads/",
        "/sales/",
        "/spend/",
        "/campaigns/",
        "/platforms/",
        "/team/",
        "/flags/",
        "/decisions/",
    ),
    "member": ("/hours/", "/absences/", "/profile/"),
}
TOO_LOW = """() => [...document.querySelectorAll("main :is(summary, button, a.sort, td > a:only-child, .sheet a)")]
    .map(one => [one.textContent.trim().slice(0, 30), Math.round(one.getBoundingClientRect().height)])
    .filter(([_text, height]) => height > 0 && height < 44)"""

# Boxes with a border that meet another: a finger, and an eye, takes them for one. In French more of them wrap.
TOUCHING = """() => {
  const boxes = [...document.querySelectorAll("main :is(button:not(.link, .weekpick), .button)")]
    .filter((one) => one.checkVisibility() && !one.closest(".grid, .verbs, .sheet"))
    .map((one) => [one.textContent.trim().slice(0, 30), one.getBoundingClientRect()]);
  return boxes.flatMap(([name, box], at) => boxes.slice(at + 1)
    .filter(([, { left, right, top, bottom }]) => box.right > left + 4 && right > box.left + 4
      && top < box.bottom + 3 && box.top < bottom + 3)
    .map(([other]) => `${name} / ${other}`));
}"""


def test_what_a_finger_hits_is_high_enough_and_stands_apart(signed_in_page, transactional_db):
    found = {}
    with time_machine.travel(MONDAY):
        call_command("demo", until=UNTIL, language="fr", verbosity=0)
        for role, paths in PAGES.items():
            page = signed_in_page(User.objects.get(email=LOGINS[role]))
            for path in paths:
                page.goto(path)
                found[role, path] = page.evaluate(TOO_LOW) + page.evaluate(TOUCHING)
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
    assert len(found) == sum(map(len, PAGES.values()))
