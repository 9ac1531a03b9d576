from pathlib import Path

import pytest

from campaigns.models import Lead
from tests import factories
from tests.erasure import canaries


@pytest.fixture(autouse=True)
def own_files(tmp_path, settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    return tmp_path


@pytest.fixture
def linkedin():
    return factories.PlatformFactory(name="LinkedIn")


@pytest.fixture
def lead(linkedin, director, client) -> Lead:
    return canaries.imported_lead(director, client)
