"""Meetings: an agenda, the quorum, what is gone through before a vote, each candidate's ballot."""
