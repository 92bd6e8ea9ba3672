"""Deadlines turned into messages, and what people prefer."""
