"""The house itself: its rooms, its doors and its documents."""
