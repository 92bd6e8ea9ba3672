"""What is seen from outside: health and metrics."""
