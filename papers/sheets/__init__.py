"""Sheets: columns, reading in a process of its own, mapping, writing."""
