"""The register of reports: instructed, checked, decided, answered."""
