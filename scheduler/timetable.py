"""When to look: APScheduler in memory, no job store. What is due is in the database, so that a
process that ends loses nothing and one that is late tells late (docs/design.md § 5)."""

from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from domain.calendar.office_hours import ZONE
from scheduler.jobs import Jobs

EVERY_MINUTE = 60
MISFIRE_GRACE = 3600
"""Seconds by which a run may be late and still happen; several missed runs become one."""


def build(jobs: Jobs) -> AsyncIOScheduler:
    """A timetable, not started. The hours in which people may be told something are judged by the
    look itself, by the time it is handed."""
    timetable = AsyncIOScheduler(
        timezone=ZONE,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE},
    )
    look, recount, resum, tidy = (
        partial(jobs.tracked, job) for job in (jobs.look, jobs.recount, jobs.resum, jobs.tidy)
    )
    timetable.add_job(look, IntervalTrigger(seconds=EVERY_MINUTE), id="look")
    # Run it once, at the start (no trigger): the calendar doesn't change while we run.
    timetable.add_job(recount, id="recount")
    timetable.add_job(resum, id="resum")  # nor do the rulebooks
    timetable.add_job(tidy, id="tidy_first")  # a machine may be switched off every night
    timetable.add_job(tidy, CronTrigger(hour=3, minute=10), id="tidy")
    return timetable
