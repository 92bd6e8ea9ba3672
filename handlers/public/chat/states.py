"""The states of a conversation with somebody unknown."""

ABOUT, WHOM, WHAT, EVIDENCE, SUMMARY, CODE, SHOWN, MORE, WITHDRAW = range(9)
END = -1
