"""What `digest demo` plays with: an invented newsroom to read, and a mailbox to deliver to. Both live on 127.0.0.1."""
