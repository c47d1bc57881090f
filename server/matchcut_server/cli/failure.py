"""What ends a command early."""


class Failure(Exception):
    """A message for the user, and the exit code: 2 for a wrong call, 3 for what went wrong elsewhere."""

    def __init__(self, message: str, code: int = 3) -> None:
        super().__init__(message)
        self.code = code


def local_failure(error: Exception) -> Failure:
    """Tell also what is behind an error, which a server keeps from its callers."""
    return Failure(f"{error} [{error.__cause__}]" if error.__cause__ else str(error))
