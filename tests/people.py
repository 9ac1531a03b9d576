"""Adds members who are signed in, a platform and a campaign, and prints their keys: `python -m tests.people COUNT`."""

import json
import os
import sys
from datetime import date

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main(count: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from campaigns.models import Agency, Campaign, Platform
    from timesheets.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    Agency.current()
    people = []
    for number in range(count):
        person = User(email=f"load{number}@example.com", name=f"Load {number}", joined_on=date(2020, 1, 1))
        person.set_unusable_password()
        person.save()
        client = Client()
        client.force_login(person)
        people.append({"member": person.pk, "session": client.cookies[settings.SESSION_COOKIE_NAME].value})
    platform = Platform.objects.create(name="Platform of the load")
    print(json.dumps({"people": people, "platform": platform.pk, "campaign": Campaign.objects.general().pk}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
