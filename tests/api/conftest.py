"""Programs of each role."""

import pytest
from django.core.cache import cache

from tests import factories
from tests.api.asking import Asker, token_for


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def as_director(db) -> Asker:
    return Asker(token_for(factories.DirectorFactory(name="Helene")))


@pytest.fixture
def as_manager(db) -> Asker:
    return Asker(token_for(factories.ManagerFactory(name="Marc")))


@pytest.fixture
def camille(db):
    return factories.MemberFactory(name="Camille")


@pytest.fixture
def as_member(camille) -> Asker:
    return Asker(token_for(camille))


@pytest.fixture
def as_service(db) -> Asker:
    return Asker(token_for(None))
