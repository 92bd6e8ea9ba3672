"""Sheets out and in: a list as a file, and somebody's file taken over."""
