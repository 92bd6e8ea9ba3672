"""Updates on their way in and messages on their way out, stored so that none is lost."""
