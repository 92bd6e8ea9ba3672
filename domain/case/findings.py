"""What a finding on a report leads to, by where the person stands (docs/procedure.md § 3; N31)."""

from domain.case.replay import Fold
from domain.rulebook.schema import FindingEffect, ReportFinding


def leads_to(finding: ReportFinding, fold: Fold) -> FindingEffect:
    """Before the approval as the finding says. From the approval on the person is a member: only
    the general meeting, approved above, may end the case, so that the finding holds it instead."""
    if finding.effect is FindingEffect.END and is_approved(fold):
        return FindingEffect.PUT_OFF
    return finding.effect


def is_approved(fold: Fold) -> bool:
    names = fold.book.approved_by
    return bool(names) and all(name in fold.done or name in fold.waived for name in names)
