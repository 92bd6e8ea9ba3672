"""What `yinlu` does beside running: each command gives what to print."""
