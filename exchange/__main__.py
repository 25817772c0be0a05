"""`exchange`, and `python -m exchange`."""

from exchange.cli import main

if __name__ == "__main__":
    main()
