"""What the terminal does, without a screen, a disk or a network: events in, new state and effects out."""
