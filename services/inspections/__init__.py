"""Random checks of branches."""
