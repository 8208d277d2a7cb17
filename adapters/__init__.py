"""What is touched: the log, files, the command, and everything else outside the process."""
