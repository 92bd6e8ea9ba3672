"""Messages to peers and from them: signed by one installation, sealed to another."""
