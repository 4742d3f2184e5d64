from hypothesis import settings

# Shared machines pause: how long an example takes is no part of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
