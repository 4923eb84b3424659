"""What the API and the command line both do: exports, previews of decisions, outcome packs."""
