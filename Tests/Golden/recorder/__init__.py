"""What record.py is made of: values, networks, files, and one module per recorded area."""
