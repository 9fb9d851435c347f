"""Campaigns: programs killed at random moments, and inputs damaged at random."""
