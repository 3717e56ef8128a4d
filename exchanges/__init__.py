"""Every format and partner at the edge of Marelle; nothing is exchanged yet, so nothing is here yet."""
