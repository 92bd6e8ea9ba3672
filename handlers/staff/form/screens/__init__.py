"""What a form shows: its questions, the last look before it is saved, their buttons."""
