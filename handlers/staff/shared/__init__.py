"""Words and lines that several features say alike."""
