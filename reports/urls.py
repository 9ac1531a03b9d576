"""Addresses of the reports app."""

from django.urls import URLPattern, URLResolver, include, path

from reports.views import (
    beyond,
    campaigns,
    dashboard,
    decisions,
    explain,
    exports,
    flags,
    glossary,
    limit_trials,
    own_campaigns,
    platforms,
    search,
)

app_name = "reports"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("freshness", dashboard.freshness, name="freshness"),
    path("export/figures.csv", exports.figures, {"kind": "csv"}, name="figures_csv"),
    path("export/figures.xlsx", exports.figures, {"kind": "xlsx"}, name="figures_xlsx"),
    path("explain/", explain.explain, name="explain"),
    path("explain/rows.csv", exports.rows, {"kind": "csv"}, name="rows_csv"),
    path("explain/rows.xlsx", exports.rows, {"kind": "xlsx"}, name="rows_xlsx"),
    path("platforms/<int:pk>/figures/", platforms.platform, name="platform"),
    path("platforms/<int:pk>/summary/", platforms.platform_figures, name="platform_figures"),
    path("platforms/<int:pk>/trials/add/", limit_trials.limit_trial_add, name="limit_trial_add"),
    path("trials/", limit_trials.limit_trials, name="limit_trials"),
    path("trials/<int:pk>/", limit_trials.limit_trial, name="limit_trial"),
    path("trials/<int:pk>/end", limit_trials.limit_trial_end, name="limit_trial_end"),
    path("my-campaigns/", own_campaigns.own_campaigns, name="own_campaigns"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/add/", decisions.decision_add, name="decision_add"),
    path("decisions/<int:pk>/withdraw", decisions.decision_withdraw, name="decision_withdraw"),
    path("campaigns/<int:pk>/figures/", platforms.campaign_figures, name="campaign_figures"),
    path("campaigns/<int:pk>/comparison/", campaigns.comparison, name="campaign_comparison"),
    path("campaigns/<int:pk>/budgets/", campaigns.budgets, name="campaign_budgets"),
    path("beyond/", beyond.beyond, name="beyond"),
    path("beyond/<slug:name>.csv", beyond.table, name="beyond_csv"),
    path("beyond/behind/<slug:what>/", beyond.behind, name="behind"),
    path("beyond/behind/<slug:what>.csv", beyond.behind_csv, name="behind_csv"),
    path("summaries/", include("reports.urls_summaries")),
    path("search/", search.search, name="search"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("flags/", flags.flags, name="flags"),
    path("flags/<int:pk>/acknowledge", flags.acknowledge, name="acknowledge"),
    path("flags/<int:pk>/snooze", flags.snooze, name="snooze"),
    path("flags/<int:pk>/undo", flags.undo, name="undo_flag"),
]
