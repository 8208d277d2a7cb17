"""The corpus: hostile inputs, one row of the table of nasty inputs each, with the receipt that is expected."""
