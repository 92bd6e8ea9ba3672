"""Sheets out and in."""
