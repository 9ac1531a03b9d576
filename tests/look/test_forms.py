"""`{{ form }}` gives every field its label, its help and its error, joined for screen readers."""

from django import forms
from django.template.loader import render_to_string

from config.style import SampleForm


def test_a_refused_field_says_so_and_points_at_its_help_and_its_error() -> None:
    html = str(SampleForm({"name": ""})["name"].as_field_group())
    assert '<label for="id_name">' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_a_form_with_several_errors_lists_them_at_its_top() -> None:
    html = str(SampleForm({"name": "", "amount": "much"}))
    assert html.count('class="problems"') == 1
    assert '<a href="#id_name">' in html
    assert '<a href="#id_amount">' in html


def test_a_form_that_was_not_sent_complains_of_nothing() -> None:
    html = str(SampleForm())
    assert "problems" not in html
    assert "errorlist" not in html


def test_what_is_wrong_with_the_whole_form_stands_at_its_top() -> None:
    class Nothing(forms.Form):
        def clean(self) -> None:
            raise forms.ValidationError("These dates overlap.")

    html = str(Nothing({}))
    assert "These dates overlap." in html
    assert "nonfield" in html


def test_only_optional_fields_are_marked() -> None:
    form = SampleForm()
    assert "optional" not in form["name"].as_field_group()
    assert "optional" in form["note"].as_field_group()


def test_the_error_page_needs_neither_request_nor_database() -> None:
    assert "Something broke here" in render_to_string("500.html")
