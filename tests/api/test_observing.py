"""What /metrics says is bounded by us, never by what callers send."""

import pytest
from prometheus_client import REGISTRY


def counted(method, route="(none)", status="404"):
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("fuxun_requests_total", labels) or 0


@pytest.mark.parametrize("invented", ["BREW", "get", "X" * 500, "TRACE"])
def test_an_invented_method_is_counted_among_the_others(app, invented):
    before = sum(counted("OTHER", status=status) for status in ("404", "405"))
    answer = app.test_client().open("/nothing/here", method=invented)
    assert answer.status_code in (404, 405)
    after = sum(counted("OTHER", status=status) for status in ("404", "405"))
    labels = {
        sample.labels["method"]
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if "method" in sample.labels
    }
    assert labels <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"}
    # The test client sends "get" in capitals, as most clients do.
    assert after - before == (invented.upper() != "GET")


def test_an_invented_method_at_a_known_address_is_counted_among_the_others(app):
    assert app.test_client().open("/healthz", method="BREW").status_code == 405
    assert 'method="BREW"' not in app.test_client().get("/metrics").text


def test_a_known_method_is_counted_by_its_name(app):
    before = counted("GET", route="/healthz", status="200")
    app.test_client().get("/healthz")
    assert counted("GET", route="/healthz", status="200") == before + 1
