"""Everything the mail standards ask of the exchange: taking mail in, reading it, writing it, sending it.

Nothing here knows a database, a key or a case's content: bytes come in, values go out, and the loops of the
exchange join them to the rest.
"""
