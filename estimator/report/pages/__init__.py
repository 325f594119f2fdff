"""Pages in HTML, of templates in reports/templates."""
