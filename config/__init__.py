"""The frame: settings, errors, views, health, embedded services. Knows no app."""
