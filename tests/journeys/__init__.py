"""The main job, from outside."""
