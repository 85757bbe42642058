"""The dashboard, the alerts and their manual speak of metrics that there are."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from config import metrics
from config.health import _checks
from config.metrics import gathered

DOCS = Path(__file__).resolve().parent.parent / "docs" / "operations"
ALERTS = yaml.safe_load((DOCS / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DOCS / "grafana-dashboard.json").read_text())
MANUAL = (DOCS / "monitoring.md").read_text()


@pytest.fixture
def samples(db):
    """Each name that /metrics can show, with its labels."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            [family] = metric.describe()
            ends = {"counter": ["_total"], "gauge": [""]}
            for end in ends.get(family.type, ["_bucket", "_sum", "_count"]):
                found[family.name + end] = {*metric._labelnames, "le"}
    for family in gathered.Collector().collect():
        labels = {name for sample in family.samples for name in sample.labels}
        found[family.name] = labels
    return found


def expressions():
    yield from (rule["expr"] for rule in ALERTS)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_each_name_exists_with_its_labels(samples):
    unknown = set()
    for expression in expressions():
        for name, braces in re.findall(r"(appointments_\w+)(\{[^}]*\})?", expression):
            asked = set(re.findall(r"(\w+)\s*(?:=|!)", braces))
            if name not in samples or not asked <= samples[name]:
                unknown.add(name + braces)

    assert unknown == set()


def test_each_metric_is_on_the_dashboard_or_has_an_alert(samples):
    shown = " ".join(expressions())
    families = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in samples}

    assert {name for name in families if name not in shown} == set()


def test_each_check_that_an_alert_names_exists():
    wanted = [
        name
        for rule in ALERTS
        for words in re.findall(r'check=~?"([^"]+)"', rule["expr"])
        for name in words.split("|")
    ]

    assert [
        name for name in wanted if not any(re.fullmatch(name, c) for c in _checks)
    ] == []


@pytest.mark.parametrize("name", [rule["alert"] for rule in ALERTS])
def test_the_manual_says_what_to_do_about(name):
    assert f"### {name}\n" in MANUAL


def test_the_manual_names_each_check():
    assert [name for name in sorted(_checks) if f"`{name}`" not in MANUAL] == []
