"""One file per page: a thin route around a records operation or a warehouse answer, and a pure view."""
