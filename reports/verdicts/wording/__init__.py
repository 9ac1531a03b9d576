"""Judgements as sentences for a director who knows no statistics."""

from django.utils.translation import gettext as _

from reports.statistics.states import VerdictState
from reports.verdicts.case import Case
from reports.verdicts.plain_rule import DoubtCode
from reports.verdicts.wording import evidence, plain_rule
from reports.verdicts.wording.clause import clause
from reports.verdicts.wording.plain_rule import way_out
from reports.verdicts.wording.refusals import refusal_sentences
from reports.verdicts.wording.states import STATE_WORDS, state_phrase

__all__ = [
    "STATE_WORDS",
    "clause",
    "plain_rule_note",
    "reason",
    "refusal_sentences",
    "sentence",
    "state_phrase",
    "way_out",
]


def sentence(case: Case) -> str:
    """Why the platform is in its state, with the figures it rests on, and what to doubt."""
    doubts = case.judgement.doubts
    if case.assessment is None or case.state is VerdictState.NO_DATA:
        parts = [plain_rule.why(case.judgement, case.evidence)]
    else:
        parts = [evidence.sentence(case.assessment)]
        # That one sale carries it all is a doubt about the plain rule alone.
        doubts = tuple(doubt for doubt in doubts if doubt.code is not DoubtCode.ONE_SALE)
    parts += [plain_rule.doubt(doubt) for doubt in doubts]
    if case.depends_on_model:
        parts.append(_("This depends on the attribution model."))
    return " ".join(part for part in parts if part)


def reason(case: Case) -> str:
    """The main figure behind the state, in one short sentence."""
    if case.assessment is None or case.state is VerdictState.NO_DATA:
        return plain_rule.why(case.judgement, case.evidence)
    return evidence.reason(case.assessment)


def plain_rule_note(case: Case) -> str:
    """What the plain rule says beside the verdict: `losing – the last 13 weeks ...`; nothing where it stands alone.

    Nor where no sale is recorded: it would take what nobody wrote down for a loss.
    """
    if case.assessment is None or case.state is VerdictState.NO_SALES:
        return ""
    return plain_rule.result(case.judgement, case.evidence)
