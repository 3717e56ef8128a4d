"""Staff pages (Streamlit): each is a reader query or a records operation, a pure view-model and widgets."""
