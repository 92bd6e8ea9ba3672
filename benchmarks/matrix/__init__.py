"""The gateway beside a real Matrix server."""
