"""Papers as PDF: templates, fonts and the one place that typesets them (docs/adr/0022)."""
