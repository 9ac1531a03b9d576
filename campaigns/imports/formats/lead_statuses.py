"""What lead statuses of other programs mean here. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

# What lead statuses of other programs mean here; anything else is asked.
LEAD_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "new": "new",
        "open": "new",
        "open - not contacted": "new",
        "in_progress": "new",
        "in progress": "new",
        "attempted_to_contact": "new",
        "attempted to contact": "new",
        "connected": "new",
        "working - contacted": "new",
        "bad_timing": "lost",
        "bad timing": "lost",
        "qualified": "qualified",
        "open_deal": "qualified",
        "open deal": "qualified",
        "closed - converted": "qualified",
        "unqualified": "disqualified",
        "disqualified": "disqualified",
        "closed - not converted": "lost",
        "won": "won",
        "customer": "won",
        "lost": "lost",
    }
)
