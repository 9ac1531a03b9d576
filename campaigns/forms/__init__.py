"""What people fill in: each form checks, keeps what was typed, and saves."""

from campaigns.forms.agency import AgencyForm, UnrecordedPeriodForm
from campaigns.forms.calendar import AgencyDayForm, HolidaysForm
from campaigns.forms.catalogue import CampaignForm, ClientForm, PlatformForm
from campaigns.forms.decisions import DecisionForm
from campaigns.forms.leads import LeadForm, NewLeadForm, StatusForm, TouchForm
from campaigns.forms.money import RefundForm, SaleForm, SpendForm
from campaigns.forms.outcomes import OutcomeForm, OutcomeValueForm
from campaigns.forms.saved_views import SavedViewForm
from campaigns.forms.trials import LimitTrialForm, TrialSetting
from campaigns.forms.voiding import VoidForm

__all__ = [
    "AgencyDayForm",
    "AgencyForm",
    "CampaignForm",
    "ClientForm",
    "DecisionForm",
    "HolidaysForm",
    "LeadForm",
    "LimitTrialForm",
    "NewLeadForm",
    "OutcomeForm",
    "OutcomeValueForm",
    "PlatformForm",
    "RefundForm",
    "SaleForm",
    "SavedViewForm",
    "SpendForm",
    "StatusForm",
    "TouchForm",
    "TrialSetting",
    "UnrecordedPeriodForm",
    "VoidForm",
]
