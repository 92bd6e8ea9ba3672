"""年度计划: propose, first check, the funnel as numbers and as a picture."""
