"""Kinds of organisations, which stands under which, and what a name says of the kind."""

from collections.abc import Mapping

DEPARTMENT, COMMITTEE, BRANCH = "department", "committee", "branch"
GENERAL_BRANCH, LEADING_GROUP = "general_branch", "leading_group"

BELOW: Mapping[str, tuple[str, ...]] = {
    DEPARTMENT: (COMMITTEE, LEADING_GROUP),
    COMMITTEE: (BRANCH, GENERAL_BRANCH),
    GENERAL_BRANCH: (BRANCH,),
}
"""What can be entered under an organisation of a kind. Neither a general branch (党总支) nor a
leading group (党组) approves anybody (N22): the one stands between, the other beside."""

ENDINGS: Mapping[str, tuple[str, ...]] = {
    LEADING_GROUP: ("党组",),
    GENERAL_BRANCH: ("总支", "总支部", "总支委", "总支部委员会", "总支委员会"),
}


def kind_named(name: str, above: str) -> str:
    """Return the kind of an organisation called `name` under one of the kind `above`: the name of
    a general branch or a leading group ends with what it is, so nobody is asked for it."""
    kinds = BELOW.get(above, (BRANCH,))
    return next((kind for kind in kinds if name.endswith(ENDINGS.get(kind, ()))), kinds[0])
