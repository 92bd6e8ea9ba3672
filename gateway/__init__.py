"""The staff bot on another messenger: the Bot API on one side, a platform on the other."""
