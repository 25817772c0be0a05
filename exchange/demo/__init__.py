"""The newcomer's story, told over real mail by actors that share no code with what they test."""
