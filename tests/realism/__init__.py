"""Real mail servers and real mail programs, driven from outside."""
