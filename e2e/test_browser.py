def test_the_browser_reaches_the_site_without_javascript(page_without_js):
    response = page_without_js.goto("/admin/login/")

    assert response.status == 200
    assert page_without_js.locator("input[name=password]").is_visible()
