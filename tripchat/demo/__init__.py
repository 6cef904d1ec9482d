"""The demonstration: six friends and their trips, for `make demo`.

The conversations are text files in `conversations/`; `conversation` reads them and gives each line
its moment, counted back from now; `storing` puts everything into the database at once.
"""

from tripchat.demo.storing import fill

__all__ = ["fill"]
