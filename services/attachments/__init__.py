"""Clean attachments: files rewritten without anything that tells where they came from."""
