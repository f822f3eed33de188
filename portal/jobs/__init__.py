"""Long work: job table with lease and progress, the worker loop, bounded child processes."""

from portal.jobs.queue import Job, cancel, claim, enqueue, fail, find, finish, forget, recent
from portal.jobs.running import GiveUp, LeaseLost, Running, handler
from portal.jobs.worker import Worker

__all__ = [
    "GiveUp",
    "Job",
    "LeaseLost",
    "Running",
    "Worker",
    "cancel",
    "claim",
    "enqueue",
    "fail",
    "find",
    "finish",
    "forget",
    "handler",
    "recent",
]
