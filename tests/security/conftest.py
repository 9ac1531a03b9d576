"""One agency for all the tests of a module: what a test writes is taken back."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from tests.security import estate as estates


@pytest.fixture(scope="module")
def estate(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[estates.Estate]:
    """The estate, with the clock standing at its NOW; tests are marked `django_db` and take `undone()` for loops."""
    uploads = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("uploads"))
    with django_db_blocker.unblock(), time_machine.travel(estates.NOW, tick=False), uploads, transaction.atomic():
        yield estates.build()
        transaction.set_rollback(True)
