"""What the page is told when something can't be done."""


class Problem(Exception):
    """`code`: a name in web_texts, which the page knows as well. `status`: of HTTP."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status
