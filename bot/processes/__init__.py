"""The two processes of an installation, each composed of its parts: staff and public."""
