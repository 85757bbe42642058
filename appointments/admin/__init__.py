from appointments.admin import appointments

__all__ = ["appointments"]
