"""Facts: what a judgement looks at is gathered here, from streams and look-ups, before any rule is asked."""
