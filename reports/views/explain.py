"""How a figure came about, as a page or as the panel over the dashboard."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.models import Agency, Platform
from core.access import Role, role_required
from core.lists import named_by_number, paginate
from reports.drilldown import figures
from reports.drilldown.figures import EXPLAINED, ROW_KINDS, Explanation
from reports.drilldown.rows import SourceRows
from reports.drilldown.verdicts import judged
from reports.figures.filters import ReportForm
from reports.views.report_form import read_form
from timesheets.models import User

ROWS_A_PAGE = 50
ROWS_BESIDE_OTHERS = 10
# Asked for like a figure, though no formula of figures leads to it.
VERDICT = "verdict"
# What is explained where the address names no figure.
DEFAULT_FIGURE = "return"


def wanted_figure(request: HttpRequest) -> str | None:
    """The name of the figure that the address asks for, None for anything else."""
    name = request.GET.get("figure", DEFAULT_FIGURE)
    return name if name in EXPLAINED else None


def wanted_person(request: HttpRequest) -> User | None:
    """Whose hours the address asks for, None when it names nobody."""
    return named_by_number(User.objects.all(), request.GET.get("person", ""))


def unknown_names(request: HttpRequest) -> list[str]:
    """Sentences about a figure or a person that the address names and that there is not."""
    problems = []
    if wanted_figure(request) is None:
        problems.append(_("There is no such figure, so the return is explained."))
    if request.GET.get("person") and wanted_person(request) is None:
        problems.append(_("There is no such person, so everybody’s figure is explained."))
    return problems


def wanted_explanation(request: HttpRequest, form: ReportForm, *, agency: Agency | None = None) -> Explanation:
    """The explanation that the address asks for: of a person's hours, else of a figure, else of the return."""
    if person := wanted_person(request):
        return figures.explain_person(person, form.period, form.filters)
    return figures.explain(wanted_figure(request) or DEFAULT_FIGURE, form.period, form.filters, agency=agency)


@require_safe
@role_required(Role.DIRECTOR)
def explain(request: HttpRequest) -> HttpResponse:
    agency = Agency.current()
    form = read_form(request, at=timezone.now(), agency=agency)
    if request.GET.get("figure") == VERDICT:
        return _verdict(request, form)
    person = wanted_person(request)
    explanation = wanted_explanation(request, form, agency=agency)
    problems = [*form.problems, *unknown_names(request)]
    asked_page = request.GET.get("page", "") if len(explanation.parts) == 1 else None
    context = {
        "form": form,
        "explanation": explanation,
        "sections": [_section(rows, asked_page, problems) for rows in explanation.parts],
        "problems": problems,
        "subject": " · ".join([*([str(person)] if person else []), form.selects["platform"].chosen_words]),
        "person": person,
    }
    return _shown(request, "reports/explain.html", "reports/_explanation.html", context)


def _verdict(request: HttpRequest, form: ReportForm) -> HttpResponse:
    """How the last verdict on the platform that the address names came about."""
    platform = get_object_or_404(Platform, pk=form.filters.platform or 0)
    explanation = judged(platform, form.last_complete)
    if explanation is None:
        raise Http404
    return _shown(request, "reports/judged.html", "reports/_judged.html", {"judged": explanation})


def _shown(request: HttpRequest, page: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """As a page of its own, or as the panel over the page that asks."""
    if request.headers.get("HX-Target") != "panel-body":
        return render(request, page, context)
    panel = render(request, part, context)
    panel["HX-Push-Url"] = "false"  # the page below stays where it is
    return panel


def _section(rows: SourceRows, asked_page: str | None, problems: list[str]) -> dict[str, object]:
    """One kind of rows: the page asked for when it stands alone, else (None) the first few."""
    alone, kind = asked_page is not None, ROW_KINDS[rows.kind]
    page = paginate(rows, ROWS_A_PAGE if alone else ROWS_BESIDE_OTHERS, asked_page or "", problems)
    return {
        "title": kind.title_of(rows),
        "template": kind.template,
        "page": page,
        "sums": rows.sums(),
        "figure": kind.figure,
        "is_rounded": rows.is_rounded,
        "is_cut": not alone and page.paginator.count > ROWS_BESIDE_OTHERS,
        "count": page.paginator.count,
    }
