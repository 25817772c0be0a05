"""The only importer of OpenPGP, S/MIME and cryptography libraries."""
