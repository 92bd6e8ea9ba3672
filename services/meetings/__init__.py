"""Meetings: an agenda of several candidates, voted on one by one."""
