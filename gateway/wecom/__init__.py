"""WeCom (企业微信): a smart robot over its long connection, without the vendor's SDK."""
