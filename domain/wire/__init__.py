"""The wire contract between terminals and the server, by version (reliability notes §3.4)."""
