# ruff: noqa: E501  # they are as long as they are
import pytest

from tripchat.services.user_agents import device_name

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "(Windows NT 10.0; Win64; x64)"
MAC = "(Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "(iPhone; CPU iPhone OS 17_5 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/143.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/143.0 Safari/537.36 Edg/143.0", "Edge on Windows"),
        (f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/143.0 Safari/537.36 OPR/109.0", "Opera on Windows"),
        (
            f"{MOZILLA} (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (
            f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            f"{MOZILLA} (X11; Linux x86_64) {WEBKIT} HeadlessChrome/143.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/143.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (f"{MOZILLA} {MAC} {SAFARI} Version/17.5 Safari/605.1.15", "Safari on Mac"),
        (
            f"{MOZILLA} {IPHONE} {SAFARI} Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (f"{MOZILLA} {IPHONE} {SAFARI} CriOS/143.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (
            f"{MOZILLA} {IPHONE} {SAFARI} FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
            "Firefox on iPhone",
        ),
        (
            f"{MOZILLA} (iPad; CPU OS 16_0 like Mac OS X) {SAFARI} Version/16.0 Safari/604.1",
            "Safari on iPad",
        ),
        (
            f"{MOZILLA} (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/143.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            f"{MOZILLA} (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox on Android",
        ),
        (
            f"{MOZILLA} (Linux; Android 14; SM-S918B) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Safari/537.36",
            "Samsung Internet on Android",
        ),
        (f"{MOZILLA} (X11; Linux x86_64) something else", "Unknown browser on Linux"),
        ("Firefox/140.0", "Firefox"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ],
)
def test_a_device_is_called_as_its_person_would(user_agent: str, name: str):
    assert device_name(user_agent) == name
