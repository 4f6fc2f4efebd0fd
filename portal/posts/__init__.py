"""Service posts: the weekly grid that becomes shifts, the rota, standing places, cover, logs."""
