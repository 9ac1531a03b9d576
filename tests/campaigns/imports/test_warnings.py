"""What is odd is said in sentences, in the singular and the plural."""

import pytest

from campaigns.imports.questions import describe_question
from campaigns.imports.warnings import REMARKS, Remarks, sentences


@pytest.mark.parametrize("code", REMARKS)
@pytest.mark.parametrize("count", [1, 2])
def test_every_remark_is_a_sentence_with_its_count(code, count):
    remarks = Remarks()
    for line in range(5, 5 + count):
        remarks.note(code, line, "12.00")
    (sentence,) = sentences(remarks.as_json())
    assert sentence.startswith(f"{count} ")
    assert sentence.endswith(".")
    assert "%(" not in sentence


def test_a_question_says_how_a_map_answers_it():
    question = {"ask": "name", "sort": "platform", "text": "fb", "target": "fb", "reason": "", "count": 3, "line": 2}
    assert describe_question(question) == (
        "There is no platform “fb”. Create it, or say what it is. In a map: platform,fb,NAME. (3 rows, line 2 first)"
    )
