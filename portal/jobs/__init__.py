"""Long work: job table with lease and progress, the worker loop, bounded child processes."""
