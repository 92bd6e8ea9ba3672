"""What is known of a case and what follows from it: pure functions over facts."""
