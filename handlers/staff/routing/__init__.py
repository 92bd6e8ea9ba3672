"""What surrounds the features: errors, the fallback, closing what is open."""
