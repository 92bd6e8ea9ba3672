"""The way of an update grows no longer again unnoticed (docs/decisions/0044)."""

from benchmarks.walk import BOUNDS, walks


async def test_an_answer_and_its_confirm_press_pass_no_more_files_and_calls() -> None:
    found = await walks()
    for name, (files, calls) in BOUNDS.items():
        # What the way passes stands in the message: the new file is among them.
        assert len(found[name].files) <= files, (name, sorted(found[name].files))
        # A way that lost its end would be short: a note reaches the draft, a press the rows.
        assert calls / 2 < found[name].calls.total() <= calls, (name, found[name].calls.total())
