"""Area profiles as data: how a hub file becomes rules and a directory, and how it is refused.

A hub is assembled from building blocks written in TOML; no way of working is code, and no release is needed to
change one. `example.toml` explains every key.
"""
