"""What the cases of a year come to: what each counts in, sums, and what may be shown of them."""
