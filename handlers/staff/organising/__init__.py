"""The house itself: committees and branches, entered by who is above them."""
