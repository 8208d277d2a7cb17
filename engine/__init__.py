"""What is decided: deciders, the firewall, journals and the handling of batches; pure, without IO or clock."""
