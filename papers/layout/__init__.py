"""Turns the text of a form into a Word template. `python -m papers.layout write` makes all of them
anew, `check` fails while one is out of date.

A line of the text is a paragraph; its first character says which:

    # heading        = without indent       > at the right       ^ in the middle
    |: 30 48 30 48   a table begins: its columns in millimetres
    | a | b | < |    a row; `<` joins a cell with the one before it
    |! a | b |       a row repeated on every page
    |40 a | b |      a row of at least 40 mm
    |?field a | b |  a row where the rules ask for the field; `?field text` for a paragraph
    |*list a | b |   a row for each item of a list
    blanks at the end of a line at the right are room to sign
    <br> in a cell   a new line;  /> in a cell: what follows stands at its right, below
"""
