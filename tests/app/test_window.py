"""The frame around the rooms."""

from tests.app.conftest import enter


def test_every_room_opens_and_the_language_is_switched(window, page):
    for room in ("bring", "choose", "check", "plans", "build", "worlds"):
        enter(page, window, room)
        assert page.locator("h1").count() == 1
        assert page.locator("nav a[aria-current=page]").count() == 1
    assert page.locator("html").get_attribute("lang") == "sv"
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")
    page.wait_for_selector("#place > .room-worlds[data-ready]")
    assert page.locator("nav a[aria-current=page]").inner_text().startswith("6\nWorlds")
