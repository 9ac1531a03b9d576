"""Every column that can hold words is listed here with what becomes of them, so that no new one is forgotten.

A new column stands in one of the four groups. One that may say something about a lead or a person also enters the
erasure, the export of what is held, the retention and the canaries of this folder.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

OURS = ("campaigns", "timesheets", "reports", "operations", "core", "config")

# About a lead: erased with it, and told in what is held on it.
OF_LEADS = {
    "campaigns_lead": "external_id name email company phone how_heard note void_reason",
    "campaigns_leadmerge": "before",
    "campaigns_touch": "utm_source utm_medium utm_campaign void_reason",
    "campaigns_sale": "external_id description void_reason",
    "campaigns_historicalsale": "external_id description void_reason history_change_reason",
    "campaigns_importedrow": "before",
    "campaigns_importrun": "file file_name mapping counts errors questions preview remarks",
    "campaigns_rememberedmapping": "mapping",
    "campaigns_capturedcontact": "consent_text content_hash email origin sender_hash values",
    "campaigns_idempotentanswer": "body_hash key led_to",
    "campaigns_savedview": "name query",
    "campaigns_decision": "heading sentence facts",
}
# About a person of the agency: erased with them, and told in what is held on them.
OF_PEOPLE = {
    "timesheets_user": "email name password",
    "timesheets_personalias": "text",
    "timesheets_timeentry": "note",
    "timesheets_historicaltimeentry": "note history_change_reason",
    "timesheets_timesheet": "reopen_reason",
    "timesheets_historicaltimesheet": "reopen_reason history_change_reason",
    "timesheets_historicalcostrate": "history_change_reason",
    "timesheets_reminder": "reason",
    "campaigns_holdnotice": "reason",
    "reports_subscriber": "email name",
    "reports_summarydelivery": "subject text html reason",
    "reports_flag": "note",
    "campaigns_apitoken": "name",
    "timesheets_session": "session_key session_data",
}
# What the work is called: the forms ask for no person, and the pages are shared by all who may see the work.
OF_WORK = {
    "campaigns_agency": "name currency country holiday_region time_zone",
    "campaigns_historicalagency": "name currency country holiday_region time_zone history_change_reason",
    "campaigns_historicalunrecordedperiod": "history_change_reason",
    "campaigns_agencyday": "name",
    "campaigns_client": "name",
    "campaigns_platform": "name",
    "campaigns_platformalias": "text",
    "campaigns_campaign": "name goal objective action indicator measure",
    "campaigns_campaignalias": "text",
    "campaigns_exchangerate": "currency",
    "campaigns_historicalexchangerate": "currency history_change_reason",
    "campaigns_sale": "original_currency",
    "campaigns_historicalsale": "original_currency",
    "campaigns_spend": "external_id description original_currency void_reason",
    "campaigns_outcome": "measure note void_reason",
    "campaigns_outcomevalue": "measure reason void_reason",
    "campaigns_historicaloutcomevalue": "measure reason void_reason history_change_reason",
    "campaigns_linkrules": "allowed_hosts mediums",
    "campaigns_historicallinkrules": "allowed_hosts mediums history_change_reason",
    "campaigns_trackinglink": "slug target utm_source utm_medium utm_campaign utm_term utm_content",
    "campaigns_capturekey": "name key origins field_names thank_you sealed_secret",
    "campaigns_webhook": "name sealed_url sealed_secret sealed_old_secret events",
}
# Words, numbers and hashes of ours: nobody types them, and they name nobody but by number or by a keyed hash.
OF_THE_SYSTEM = {
    "campaigns_agency": "mark",
    "campaigns_apitoken": "token_hash last_letters scopes",
    "campaigns_bulkchange": "rows",
    "campaigns_changecounter": "epoch",
    "campaigns_erasure": "hashes",
    "campaigns_importrun": "source",
    "campaigns_importedrow": "source fingerprint identity natural_key note_key",
    "campaigns_rememberedmapping": "header",
    "campaigns_jobrun": "name detail error worker step",
    "campaigns_retry": "what",
    "campaigns_securityevent": "detail",
    "campaigns_submission": "key led_to",
    "campaigns_webhookevent": "data",
    "campaigns_webhookdelivery": "message_id data reason",
    "timesheets_personerasure": "hashes",
    "timesheets_setuptoken": "digest wrong_at",
    "reports_flag": "figures",
    "reports_summarydelivery": "message_id",
    "reports_verdict": "state plain_state figures",
    "reports_evaluation": "results",
    "reports_comparison": "results",
    "reports_trialcomparison": "results",
}
WORDS = (models.CharField, models.TextField, models.JSONField, models.FileField, models.BinaryField)


def columns_of_words() -> Iterator[str]:
    """The columns of our tables that can hold words; not those that hold one of a few choices."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS:
            for field in model._meta.concrete_fields:
                if isinstance(field, WORDS) and not field.choices:
                    yield f"{model._meta.db_table}.{field.column}"


def listed() -> list[str]:
    groups = (OF_LEADS, OF_PEOPLE, OF_WORK, OF_THE_SYSTEM)
    return [f"{table}.{column}" for group in groups for table, names in group.items() for column in names.split()]


def test_every_column_that_can_hold_words_is_listed_once():
    assert sorted(listed()) == sorted(set(columns_of_words()))
