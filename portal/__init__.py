"""The family portal: server-rendered pages in French; it also serves the log-in page of staff."""
