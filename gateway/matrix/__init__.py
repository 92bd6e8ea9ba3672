"""Matrix, with matrix-nio."""
