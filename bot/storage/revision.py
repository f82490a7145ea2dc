"""The schema revision this code is written for: the newest file of `migrations/versions`."""

HEAD = "0001"
