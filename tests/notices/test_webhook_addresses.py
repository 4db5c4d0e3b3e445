"""Where webhooks may point: public and encrypted, but for a demo's own machine."""

import pytest

from notices.webhook_addresses import (
    BadWebhookUrl,
    PrivateAddress,
    addresses_of,
    check_url,
    is_public,
)

PURE = True

GOOD = ["https://push.example.com/x?y=1", "https://8.8.8.8:8443/", "https://[2606:4700::1111]/"]
BAD = [
    "",
    "push.example.com",
    "http://push.example.com/",
    "ftp://push.example.com/",
    "file:///etc/passwd",
    "https://",
    "https:///x",
    "https://a:b@push.example.com/",
    "https://a@push.example.com/",
    "https://push.example.com/#x",
    "https://push.example.com:0/",
    "https://push.example.com:99999/",
    "https://push.example.com:x/",
    "https://push.exam ple.com/",
    "https://push.example.com\\@10.0.0.1/",
    "https://push.example.com/\r\nX: y",
    "https://例子.公司/",
    "https://[::1/",
    "https://push.example.com/" + "x" * 500,
]
INSIDE = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:a00:1::]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://mongodb/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://2130706433/",
]
AT_HOME = ["http://127.0.0.1:8080/push", "http://localhost:8080/push"]


@pytest.mark.parametrize("url", GOOD)
def test_public_https_is_taken_everywhere(url):
    for production, demo in ((True, False), (False, True), (False, False)):
        check_url(url, production=production, demo=demo)


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_sound_https_address_is_taken_nowhere(url):
    for production, demo in ((True, False), (False, True)):
        with pytest.raises(BadWebhookUrl):
            check_url(url, production=production, demo=demo)


@pytest.mark.parametrize("url", INSIDE)
def test_production_points_at_nothing_inside(url):
    with pytest.raises(BadWebhookUrl):
        check_url(url, production=True, demo=False)
    check_url(url, production=False, demo=False)


@pytest.mark.parametrize("url", AT_HOME)
def test_plain_http_is_for_a_demos_own_machine(url):
    check_url(url, production=False, demo=True)
    for demo in (False, True):
        with pytest.raises(BadWebhookUrl):
            check_url(url, production=not demo, demo=False)
    with pytest.raises(BadWebhookUrl):
        check_url("http://127.0.0.2:8080/", production=False, demo=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "2130706433", "0x7f000001"])
def test_a_name_that_leads_inside_is_seen_through_when_it_is_looked_up(name):
    assert addresses_of(name, 80, public_only=False)
    with pytest.raises(PrivateAddress):
        addresses_of(name, 80, public_only=True)
