"""How allauth fits in here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest
from django.utils import translation

from campaigns.models import Agency
from timesheets.models import User


class AccountAdapter(DefaultAccountAdapter):
    """A director adds people; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def invite(self, person: User) -> None:
        """Send a person, in their language, the link that sets a password: the one of a forgotten password."""
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        agency = Agency.current()
        context = {"person": person, "agency": agency, "password_reset_url": self.get_reset_password_from_key_url(key)}
        with translation.override(person.language or agency.language):
            self.send_mail("account/email/invitation", person.email, context)
