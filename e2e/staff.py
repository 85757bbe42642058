"""Somebody of the staff at a browser, who signs in with a password as they would."""

PASSWORD = "larks over the harbour"
DESKTOP = {"width": 1280, "height": 900}


def sign_in(page, email, work="/admin/"):
    """Sign in, and go on to a page for work."""
    page.goto(f"/admin/login/?next={work}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def main(page):
    return page.locator("#content").inner_text()
