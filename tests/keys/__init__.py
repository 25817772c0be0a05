"""Vault, keyring and the two OpenPGP engines, judged by the gpg command."""
