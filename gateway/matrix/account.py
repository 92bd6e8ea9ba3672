"""What is known of the account without talking to its server, and without what that takes."""


def tenant_of(user: str) -> str:
    """The server's name, by which its people are known wherever it is reached."""
    return user.split(":", 1)[-1][:64]
