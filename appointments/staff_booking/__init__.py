"""Giving people times as an office does: on the telephone, at the desk, in their place.

What the pages of the admin for booking, moving and deciding have in common.
"""
