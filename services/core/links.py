"""Links that open the staff bot."""

FILL = "fill-"
"""Begins a start parameter that opens a question: `fill-CASE-STEP`."""
