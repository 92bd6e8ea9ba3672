"""What every process needs: settings, clock, logs, database, keys, and how it ends."""
