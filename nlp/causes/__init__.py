"""Why a theme happens: what customers say, where it concentrates, when it began."""
