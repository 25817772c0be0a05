"""Every page looked at: pictures for people, and what a program can find wrong with each."""
