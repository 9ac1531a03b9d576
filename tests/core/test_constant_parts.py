"""Parts of a page that are rendered once: for each language and value, and with nothing of a person in them."""

import pytest
from django.template import Context, Engine, RequestContext
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from core.patterns import Pattern, places
from core.templatetags import constant

ENGINE = Engine(builtins=["core.templatetags.constant", "django.templatetags.i18n"])


def template(text: str):
    return ENGINE.from_string(text)


def test_it_is_rendered_once_for_each_choice_of_values():
    rendered = []

    class Role(str):
        def __str__(self) -> str:
            rendered.append(self[:])
            return super().__str__()

    part = template("{% constant role=role %}<b>{{ role }}</b>{% endconstant %}")
    for role in ("member", "director", "member"):
        assert part.render(Context({"role": Role(role)})) == f"<b>{role}</b>"
    assert len(rendered) == 2


def test_it_is_rendered_for_each_language():
    part = template('{% constant %}{% translate "Platform" %}{% endconstant %}')
    seen = []
    for language in ("en", "fr", "en"):
        with translation.override(language):
            seen.append(part.render(Context()))
    assert seen == ["Platform", "Plateforme", "Platform"]


@pytest.mark.parametrize("name", ["person", "request", "csrf_token"])
def test_it_sees_nothing_but_the_values_that_it_is_given(name):
    part = template("{% constant role=role %}[{{ " + name + " }}]{% endconstant %}")
    request = RequestFactory().get("/")
    assert part.render(RequestContext(request, {"role": "member", name: "Camille"})) == "[]"


def test_values_are_escaped_in_it():
    part = template("{% constant name=name %}{{ name }}{% endconstant %}")
    assert part.render(Context({"name": "<b>"})) == "&lt;b&gt;"


def test_it_keeps_no_more_renderings_than_it_may(monkeypatch):
    monkeypatch.setattr(constant, "MOST_RENDERINGS", 3)
    part = template("{% constant number=number %}{{ number }}{% endconstant %}")
    (node,) = part.nodelist
    for number in range(10):
        assert part.render(Context({"number": number})) == str(number)
        assert len(node.renderings) <= 3


def test_what_stands_in_places_is_put_in_anew_and_not_kept():
    part = template("{% constant css=css places name=name %}<b class='{{ css }}'>{{ name }}</b>{% endconstant %}")
    for name in ("Camille", "<Jo>", "Camille"):
        escaped = name.replace("<", "&lt;").replace(">", "&gt;")
        assert part.render(Context({"css": "loss", "name": name})) == f"<b class='loss'>{escaped}</b>"
    (node,) = part.nodelist
    assert list(node.renderings) == [("en", "loss")]


def test_places_are_written_as_templates_write_them():
    part = template("{% constant places value=value %}{{ value }}{% endconstant %}")
    with translation.override("fr"):
        assert [part.render(Context({"value": value})) for value in (1.5, 12345, None)] == ["1,5", "12345", "None"]
    assert part.render(Context()) == ""


def test_nothing_can_depend_on_what_is_filled_in_later():
    part = template("{% constant places name=name %}{% if name %}yes{% endif %}{% endconstant %}")
    with pytest.raises(TypeError, match="cannot be asked about"):
        part.render(Context({"name": ""}))


def test_white_space_at_its_edges_is_left_out():
    assert template("a {% constant %}\n <i>b</i>\n {% endconstant %} c").render(Context()) == "a <i>b</i> c"


# -- patterns ---------------------------------------------------------------------------------------------------------


def test_a_pattern_is_filled_with_escaped_values(settings, tmp_path):
    (tmp_path / "row.html").write_text("<td id='{{ key }}'>{{ name }}</td>{{ cells }}{{ name }}.")
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]
    pattern = Pattern(render_to_string("row.html", places(["key", "name", "cells"])))
    values = {"key": 3, "name": "<&'\ue000key\ue001", "cells": "<i>"}
    name = "&lt;&amp;&#x27;\ue000key\ue001"
    assert pattern.fill(values) == f"<td id='3'>{name}</td>&lt;i&gt;{name}."
