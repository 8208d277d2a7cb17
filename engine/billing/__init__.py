"""Billing: many documents become one invoice or one day's summary."""
