"""One conversation for every step: the questions are the step's fields in the rulebook."""
