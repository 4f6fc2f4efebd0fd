"""What was recorded too late or wrongly: make-ups and corrections, decided by a second person."""

from __future__ import annotations
