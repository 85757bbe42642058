import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from notifications import sandbox
from notifications.tests.factories import MessageTemplateFactory

FACTS = sandbox.VARIABLES | {"reason": ""}


def test_render_knows_variables_conditions_and_filters():
    source = "{{ name|upper }}{% if reason %}: {{ reason }}{% else %}.{% endif %} & <"

    assert sandbox.render(source, FACTS) == "ADA MÖLLER. & <"


@pytest.mark.parametrize(
    "source",
    [
        "{% include '/etc/passwd' %}",
        "{% extends 'base.html' %}",
        "{% load i18n %}",
        "{% debug %}",
        "{% for c in name %}x{% endfor %}",
        "{% url 'home' %}",
        "{% with a=name %}x{% endwith %}",
        "{% now 'Y' %}",
        "{{ name|safe }}",
        "{{ name|ljust:'999999999' }}",
        "{{ name|pprint }}",
        "{{ name._secret }}",
        "{% if name %}",
    ],
)
def test_check_refuses_what_is_not_allowed(source):
    with pytest.raises(sandbox.BrokenTemplate):
        sandbox.check(source)


def test_check_says_where_and_why():
    with pytest.raises(sandbox.BrokenTemplate, match=r"^Line 3: .*'include'"):
        sandbox.check("one\ntwo\n{% include 'x' %}")


def test_check_names_what_is_unknown_where_and_what_is_not():
    with pytest.raises(sandbox.BrokenTemplate) as refused:
        sandbox.check("Hello\non {{ dtae }}")

    known = ", ".join([*sandbox.VARIABLES, *sandbox.CONDITIONS])
    assert str(refused.value) == (
        f"Line 2: Nothing is called “dtae”. There are: {known}."
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Hello {% if raeson %}x{% endif %}", "raeson"),
        ("Hello {% if not reason and raeson == 'x' %}x{% endif %}", "raeson"),
        ("Hello {% if reason %}x{% elif raeson %}y{% endif %}", "raeson"),
        ("Hello {% if reason %}{{ raeson }}{% endif %}", "raeson"),
        ("{{ name|default:raeson }}", "raeson"),
        ("{{ name.upper }}", "name.upper"),
        ("{{ fee }}", "fee"),
    ],
)
def test_check_finds_what_is_unknown_wherever_it_is_named(source, name):
    with pytest.raises(sandbox.BrokenTemplate, match=f"^Line 1: .* “{name}”"):
        sandbox.check(source)


@pytest.mark.parametrize(
    ("source", "brace"),
    [
        ("Hello\n{{ name }", "{{"),
        ("Hello\nname }}", "}}"),
        ("Hello\n{% if name", "{%"),
        ("{% if name %}Hello\n{{ name{% endif %}", "{{"),
    ],
)
def test_check_refuses_what_was_not_closed(source, brace):
    with pytest.raises(sandbox.BrokenTemplate, match=f"^Line 2: “{brace}” has no"):
        sandbox.check(source)


def test_check_lets_words_compare_and_filter_what_is_known():
    sandbox.check(
        "{% if reason|default:phone == 'x' or by_citizen %}{x}{% endif %}"
        "{{ name|truncatechars:20 }} {{ 'so'|upper }}"
    )


@pytest.mark.parametrize(
    "source",
    [
        "",
        "  \n",
        "{% comment %}x{% endcomment %}",
        "{{ reason }}",
        "{% if phone %}Call {{ phone }}{% endif %}",
        "{% if by_citizen %}You have done it{% endif %}",
        "{% if not by_citizen %}We have done it{% endif %}",
    ],
)
def test_check_refuses_to_say_nothing_even_now_and_then(source):
    with pytest.raises(sandbox.BrokenTemplate, match="says nothing"):
        sandbox.check(source)


def test_whatever_goes_wrong_in_it_is_a_broken_template():
    class Unwilling:
        def __str__(self):
            raise ValueError("no")

    with pytest.raises(sandbox.BrokenTemplate, match=r"^ValueError: no$"):
        sandbox.render("{{ name }}", {"name": Unwilling()})


def test_conditions_in_conditions_without_end_are_refused():
    source = "{% if name %}" * 5000 + "{% endif %}" * 5000

    with pytest.raises(sandbox.BrokenTemplate, match="in one another"):
        sandbox.check(source)


@pytest.mark.django_db
def test_a_broken_template_is_refused_by_field():
    template = MessageTemplateFactory.build(
        office=None, subject="{{ dtae }}", body="{% load x %}"
    )

    with pytest.raises(ValidationError) as refused:
        template.clean()

    assert set(refused.value.error_dict) == {"subject", "body"}


@pytest.mark.django_db
def test_one_template_per_office_kind_channel_and_language():
    template = MessageTemplateFactory()

    with pytest.raises(IntegrityError, match="messagetemplate_once_per_office"):
        MessageTemplateFactory(office=template.office)
