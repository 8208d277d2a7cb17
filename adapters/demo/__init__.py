"""A week of five grocery stores, as messages: what `postgate demo` runs on."""
