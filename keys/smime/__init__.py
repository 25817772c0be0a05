"""S/MIME (RFC 8551) behind two functions, seal() and open_(): what Outlook and its like open by themselves."""
