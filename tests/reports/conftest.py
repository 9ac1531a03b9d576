"""What tests of reports can ask for."""

import pytest


@pytest.fixture
def plain_rule_alone(monkeypatch):
    """Verdicts by the plain rule, as for a platform of which the method knows nothing: short worlds, simple states."""
    monkeypatch.setattr("reports.statistics.assess.assess", lambda *_args, **_kwargs: {})
