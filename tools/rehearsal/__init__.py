"""`make rehearse`: dev, staging and prod side by side on the local cloud, as three accounts."""
