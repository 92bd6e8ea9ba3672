"""The side that the chat page and the tests talk to: /api/…"""
