"""Strangers' octets by the million against everything that reads them: `make fuzz`."""
