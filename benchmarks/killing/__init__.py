"""Ends real processes in the middle of conversations; counts what was lost or done twice."""
