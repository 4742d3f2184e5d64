"""The page in a real browser, held to ask nobody else and to break nothing."""

import contextlib

WAIT = 120_000


@contextlib.contextmanager
def opened(browser, served, address="", **look):
    """Open the page as a newcomer does, and hold it to ask nobody else and to break nothing."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, **look)
    # A page is held to what it shows, not to how soon a busy machine shows it.
    context.set_default_timeout(WAIT)
    page, outside, broken = context.new_page(), [], []
    page.on(
        "request",
        lambda one: None if one.url.startswith((served.base, "data:")) else outside.append(one.url),
    )
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    page.on("console", lambda one: broken.append(one.text) if "Security" in one.text else None)
    page.goto(served.address)
    page.goto(f"{served.base}/{address}")
    page.reload()
    page.wait_for_selector("form.form")
    yield page
    assert outside == []
    assert broken == []
    context.close()


def answered(page):
    page.wait_for_selector("#answer-hash", timeout=WAIT)
    return page.inner_text("#answer-hash")
