"""Messages nobody asked for at this moment: whose turn it is, what is due, what waits."""

from handlers.staff.messages.notifier import Notifier

__all__ = ["Notifier"]
