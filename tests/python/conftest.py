"""What all tests of the package share: how hypothesis draws, and the last line, for make check."""

from hypothesis import HealthCheck, settings

# The same examples at every run, so that a check that passed passes again; no timed tests.
settings.register_profile("check", deadline=None, derandomize=True, max_examples=60,
                          suppress_health_check=list(HealthCheck))
settings.load_profile("check")


def pytest_terminal_summary(terminalreporter):
    """python: N passed, N failed, N skipped"""
    def count(*kinds):
        return sum(len(terminalreporter.stats.get(kind, [])) for kind in kinds)
    terminalreporter.write_line(f"python: {count('passed')} passed, "
                                f"{count('failed', 'error', 'xpassed')} failed, "
                                f"{count('skipped', 'xfailed')} skipped")
