"""What was entered: correcting it, signing it, its proofs."""
