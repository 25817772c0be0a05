"""OpenPGP behind two functions, seal() and open_(), each with two real engines: Sequoia and GnuPG."""
