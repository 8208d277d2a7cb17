"""The log: everything that ever happened, behind one port, on several stores."""
