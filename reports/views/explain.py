"""How a figure came about, as a page or as the panel over the dashboard."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.access import Role, role_required
from campaigns.listing import page_number
from reports.explain import FIGURE_OF_PART, PART_WORDS, Behind, Figure, Rows
from reports.explain import explain as explained
from reports.views.asking import asked

ROWS_A_PAGE = 50
ROWS_BESIDE_OTHERS = 10


def wanted_figure(request: HttpRequest) -> Figure | None:
    """The figure that the address names, None for anything else."""
    name = request.GET.get("figure", Figure.RETURN)
    return Figure(name) if name in set(Figure) else None


@require_safe
@role_required(Role.DIRECTOR)
def explain(request: HttpRequest) -> HttpResponse:
    form = asked(request, at=timezone.now())
    figure = wanted_figure(request)
    explanation = explained(figure or Figure.RETURN, form.period, form.lens)
    problems = [*form.problems, *([] if figure else [_("There is no such figure, so the return is explained.")])]
    alone = len(explanation.parts) == 1
    context = {
        "form": form,
        "problems": problems,
        "explanation": explanation,
        "sections": [_section(request, rows, alone=alone) for rows in explanation.parts],
        "subject": form.selects["platform"].chosen_words,
    }
    if request.headers.get("HX-Target") != "panel-body":
        return render(request, "reports/explain.html", context)
    panel = render(request, "reports/_explanation.html", context)
    panel["HX-Push-Url"] = "false"  # the page below stays where it is
    return panel


def _section(request: HttpRequest, rows: Rows, *, alone: bool) -> dict[str, object]:
    """One kind of rows: a page of them when it stands alone, else the first few."""
    paginator: Paginator[Behind] = Paginator(cast(Any, rows), ROWS_A_PAGE if alone else ROWS_BESIDE_OTHERS)
    page = paginator.get_page(page_number(request.GET.get("page", "")) if alone else 1)
    return {
        "part": rows.part.value,
        "title": PART_WORDS[rows.part],
        "page": page,
        "sums": rows.sums(),
        "figure": FIGURE_OF_PART[rows.part].value,
        "is_cut": not alone and paginator.count > ROWS_BESIDE_OTHERS,
        "count": paginator.count,
    }
