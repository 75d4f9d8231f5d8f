"""Fonts for the PDF documents: see README.md."""
