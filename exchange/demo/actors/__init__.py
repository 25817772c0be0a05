"""The people and machines around the exchange, played with the gpg command, plain sockets and the standard library.

1. Nothing here imports the exchange, its mail code, its keys or its templates: an actor that shared code would
   share its errors.
"""
