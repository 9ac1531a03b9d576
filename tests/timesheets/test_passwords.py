"""Which passwords are refused, with a sentence that says what to do instead, and which are taken."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from campaigns.models import Agency
from operations.demo import people
from tests import factories
from timesheets import invitations
from timesheets.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.once]

GUESSED = [
    "Summer2026!",
    "azerty12345",
    people.PASSWORD,
    "Printemps2026!",
    "Décembre2026",
    "Motdepasse1!",
    "Bonjour123!",
    "Marseille13!",
    "doudou2015!",
    "qsdfghjklm1",
    "1234567890",
    "aaaaaaaaaaaa",
    "Password123!",
    "2026-11-16",
]
TAKEN = [
    "correct horse battery",
    "cheval bleu piscine tambour",
    "x7Kp2mQ9vLw",
    "a long walk home",
    "trombone averse perpendiculaire " * 30,
    "ééé – ナイト 夜の散歩 ☂ 湖",
]


def refused(password: str, person: User | None = None) -> list[str]:
    try:
        validate_password(password, person)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_soon_is_refused_in_one_sentence_that_says_what_to_do(password):
    [sentence] = [text for text in refused(password) if "numeric" not in text]
    assert "easily guessed" in sentence
    assert "Take four words" in sentence


@pytest.mark.parametrize("password", TAKEN)
def test_what_is_not_guessed_soon_is_taken_in_whatever_script_and_length(password):
    assert refused(password) == []


def test_the_name_of_the_agency_and_of_the_person_are_guessed_first():
    person = factories.MemberFactory.build(name="Zebulon Quagmire", email="zebulon@example.com")
    agency = Agency.current()
    agency.name = "Kerzhiatel"
    agency.save()
    assert refused("Zebulon2026!", person)
    assert refused("Kerzhiatel2026!", person)
    assert refused("Quagmire@2026", person)


@pytest.mark.parametrize("password", ["Summer2026!", "azerty12345", people.PASSWORD])
def test_the_form_of_an_invitation_refuses_it_at_the_field(password):
    person = factories.MemberFactory()
    person.set_unusable_password()
    person.save()
    form = {"new_password1": password, "new_password2": password}
    answer = Client().post(f"/welcome/{invitations.token_of(person)}/", form)
    assert answer.status_code == 422
    assert "easily guessed" in answer.content.decode()


def test_a_very_long_password_is_estimated_in_no_time():
    """Bounded by its length, not by a clock: only so many characters reach the estimate."""
    assert refused("ab" * 2000)
    assert not refused("correct horse battery " * 200)
