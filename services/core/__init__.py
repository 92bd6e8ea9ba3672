"""What every service stands on: transactions, the audit chain, errors, locks, sealing."""
