"""The fixture that later tests of delivery lean on: a worker that can be killed."""

import time

import psutil

from config.celery import app


def test_a_real_worker_does_the_work_and_dies_when_told(celery_worker):
    worker = celery_worker()
    app.send_task("availability.tasks.sweep_holds")
    deadline = time.monotonic() + 30
    while "task_succeeded" not in worker.output and time.monotonic() < deadline:
        time.sleep(0.05)
    family = psutil.Process(worker.process.pid).children(recursive=True)

    worker.kill()

    assert "task_succeeded" in worker.output
    assert {status(process) for process in family} <= {"gone", psutil.STATUS_ZOMBIE}


def status(process):
    return process.status() if process.is_running() else "gone"
