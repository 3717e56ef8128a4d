"""What `marelle doctor` looks at: the installation, then the data."""
