"""Messages nobody asked for at this moment: whose turn it is, what is due, what waits."""

from handlers.staff.notifier.notifier import Notifier

__all__ = ["Notifier"]
