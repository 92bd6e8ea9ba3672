"""The procedure as data: TOML files read into frozen values."""
