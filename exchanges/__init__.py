"""Every format and partner at the edge of Marelle: so far the mail that carries links to people."""
