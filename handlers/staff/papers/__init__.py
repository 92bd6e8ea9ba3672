"""The papers of a case, to print and sign."""
