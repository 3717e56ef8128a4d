"""The touch terminal: screens, pure flows, a durable offline outbox and its sync (house rules 4 and 11)."""
