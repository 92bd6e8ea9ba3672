"""What only `make run` needs: the invented city, sample answers, the launcher, the local clock."""
