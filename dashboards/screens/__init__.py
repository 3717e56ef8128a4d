"""One file per staff page: it asks, calls its view-model and draws."""
