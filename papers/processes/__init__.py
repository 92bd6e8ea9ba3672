"""What is done in a process of its own: papers are set there for print."""
