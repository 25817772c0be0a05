"""Other people's programs open what we send, and we what they make: `make interop` writes docs/interop.md."""
