"""What the work is for and what it brings: agency, platforms, campaigns, spend, leads, touches, sales, outcomes."""

from campaigns.models.agency import Agency, UnrecordedPeriod
from campaigns.models.api import ApiToken, ChangeCounter, ChangeEvent, IdempotentAnswer, LoggedChange, LoggedKind
from campaigns.models.bulk_changes import BulkChange
from campaigns.models.calendar import AgencyDay
from campaigns.models.capture import CapturedContact, CaptureKey, RememberedOrigin
from campaigns.models.catalogue import Campaign, CampaignAlias, Client, Platform, PlatformAlias
from campaigns.models.decisions import Decision
from campaigns.models.erasures import Erasure, ErasureReason
from campaigns.models.exchange import ExchangeRate
from campaigns.models.funnel import Lead, Sale, StatusChange, Touch
from campaigns.models.holds import Hold, HoldKind, HoldNotice
from campaigns.models.imports import ImportedRow, ImportRun, RememberedMapping
from campaigns.models.jobs import JobRun, Retry, StaleMark
from campaigns.models.links import LinkClicks, LinkRules, TrackingLink
from campaigns.models.merges import LeadMerge
from campaigns.models.money import Outcome, OutcomeValue, Spend
from campaigns.models.saved_views import SavedView
from campaigns.models.security_events import SecurityEvent
from campaigns.models.submissions import Submission
from campaigns.models.trials import LimitTrial
from campaigns.models.webhooks import EventKind, Webhook, WebhookDelivery, WebhookEvent

__all__ = [
    "Agency",
    "AgencyDay",
    "ApiToken",
    "BulkChange",
    "Campaign",
    "CampaignAlias",
    "CaptureKey",
    "CapturedContact",
    "ChangeCounter",
    "ChangeEvent",
    "Client",
    "Decision",
    "Erasure",
    "ErasureReason",
    "EventKind",
    "ExchangeRate",
    "Hold",
    "HoldKind",
    "HoldNotice",
    "IdempotentAnswer",
    "ImportRun",
    "ImportedRow",
    "JobRun",
    "Lead",
    "LeadMerge",
    "LimitTrial",
    "LinkClicks",
    "LinkRules",
    "LoggedChange",
    "LoggedKind",
    "Outcome",
    "OutcomeValue",
    "Platform",
    "PlatformAlias",
    "RememberedMapping",
    "RememberedOrigin",
    "Retry",
    "Sale",
    "SavedView",
    "SecurityEvent",
    "Spend",
    "StaleMark",
    "StatusChange",
    "Submission",
    "Touch",
    "TrackingLink",
    "UnrecordedPeriod",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]
