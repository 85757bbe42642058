from django.contrib import messages
from django.shortcuts import render
from django.views.defaults import permission_denied
from django.views.generic import FormView
from django_ratelimit.exceptions import Ratelimited

from config.exceptions import DomainError


class OperationView(FormView):
    """A form whose submission is one domain operation.

    Subclasses write `perform()`; what it returns stays in `self.result`. A refusal
    is shown on the form it came from: 409 when the state of things refuses, 422
    when the form itself is wrong.
    """

    success_message = ""
    result = None

    def perform(self, form):
        raise NotImplementedError

    def form_valid(self, form):
        try:
            self.result = self.perform(form)
        except DomainError as error:
            return self.refused(form, error)
        if self.success_message:
            messages.success(self.request, self.success_message)
        return super().form_valid(form)

    def refused(self, form, error):
        form.add_error(None, str(error))
        return self.show(form, 409)

    def form_invalid(self, form):
        return self.show(form, 422)

    def show(self, form, status):
        return self.render_to_response(self.get_context_data(form=form), status=status)


def forbidden(request, exception):
    """Who asks too often is told so; anybody else is merely not allowed."""
    if isinstance(exception, Ratelimited):
        return render(request, "429.html", status=429)
    return permission_denied(request, exception)
