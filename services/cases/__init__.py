"""Opening a case, entering its steps, correcting and signing them, showing it."""
