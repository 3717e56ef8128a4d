"""What may be asked, kind by kind: its typed payload, the row it is about, and the operations that write it."""
