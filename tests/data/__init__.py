"""Scripts that turn tables of real sales into messages."""
