"""The side that bots talk to: /bot<token>/<method> and /file/bot<token>/<path>."""
