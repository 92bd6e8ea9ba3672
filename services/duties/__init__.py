"""What organisations do once a year, told and ticked."""
