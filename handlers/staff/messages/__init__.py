"""Messages nobody asked for at this moment: whose turn it is, what is due, what waits."""
