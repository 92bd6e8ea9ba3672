"""Feishu (飞书) and Lark: an app's robot over its long connection, without the vendor's SDK."""
