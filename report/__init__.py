"""The weekly report: documents, and how they are drawn as HTML, Markdown, JSON and SVG."""
