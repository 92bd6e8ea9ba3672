"""Pieces of dialogs: windows, buttons from data, choosing several."""
