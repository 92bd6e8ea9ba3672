"""Where a conversation with somebody unknown stands."""

from telegram.ext import ConversationHandler

ABOUT, WHOM, WHAT, EVIDENCE, SUMMARY, CODE, SHOWN, MORE, WITHDRAW = range(9)
END = ConversationHandler.END
