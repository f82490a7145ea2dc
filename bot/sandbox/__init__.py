"""A local workspace that speaks Slack's own protocol.

The demonstration, the end-to-end tests and the benchmarks connect the real bot to it. Nothing here
knows the bot: the package imports nothing of `bot` outside itself.

`bot.sandbox.server.Sandbox` is the door; `bot.sandbox.scenes` has workspaces to start from.
"""
