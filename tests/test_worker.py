"""The fixture that later tests of delivery lean on: a worker that can be killed."""

import time

import psutil

from config.celery import app


def test_a_real_worker_does_the_work_and_dies_when_told(celery_worker):
    worker = celery_worker()
    app.send_task("availability.tasks.sweep_holds")
    assert soon(lambda: "task_succeeded" in worker.output)
    family = psutil.Process(worker.process.pid).children(recursive=True)

    worker.kill()

    assert soon(lambda: all(has_ended(process) for process in family))


def has_ended(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def soon(is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()
