"""Pure view-models: what each staff page says and shows, tested without Streamlit."""
