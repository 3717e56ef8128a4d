"""Every format and partner at the edge of Marelle: mail that carries links to people, API Particulier."""
