"""The Bot API as a server speaks it: requests in, answers out. It remembers nothing by itself."""
