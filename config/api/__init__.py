"""The API's frame: how the API talks, whatever it talks about. It knows no app.

How to write an endpoint
========================
1. The verb is an operation of the app (`operations.py`). It asks permission, locks,
   writes, and raises DomainError to refuse. An endpoint adds no rule.
2. Serializers: one for what goes out (`OfficeSerializer`, read only), one for each
   thing that comes in (`CloseSerializer`, plain). They live with the view in the app's
   `api/` package, by noun: `offices/api/offices.py`.
3. The view is an ApiViewSet (a kind of thing) or an ApiView (one address):

    class ClosureViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
        serializer_class = ClosureSerializer          # what goes out, always
        filterset_class = ClosureFilter               # optional
        ordering, ordering_fields = "starts_at", ["starts_at"]

        def get_queryset(self):                       # what exists for the caller
            return Closure.objects.visible_to(self.request.user)

        @operation("List closures", gives=ClosureSerializer(many=True))
        def list(self, request):
            return super().list(request)

        @operation("Close an office", takes=CloseSerializer, gives=ClosureSerializer,
                   status=201, refuses=[AlreadyClosed], example={…}, answer={…})
        def create(self, request):
            closure = operations.close(by=request.user, **self.valid(CloseSerializer))
            return self.reply(closure, status=201)

        @operation("Change a closure", takes=ChangeSerializer, gives=ClosureSerializer)
        def partial_update(self, request, pk):
            with self.unchanged(self.get_object()) as closure:      # If-Match, 412
                changes = self.valid(ChangeSerializer, partial=True)
                closure = operations.save_closure(closure, by=request.user, **changes)
                return self.reply(closure)

   Actions on one thing are `@action(detail=True, methods=["post"])` under
   `@operation`; they reply with the thing. A DELETE answers `Response(status=204)`.
   No method of an ApiViewSet is named get, post, patch or delete: Django would have it
   answer at every address of the viewset. It says so when it is imported.
4. The route goes into `<app>/api/urls.py`, which config/urls.py includes in `api`: a
   `SimpleRouter(trailing_slash=False)`, or `path("auth/login", Login.as_view())`.
   Names are in the namespace `api`: `reverse("api:closure-list")`.
5. Tests: through `rest_framework.test.APIClient`, see accounts/tests/test_api_auth.py.
   By themselves, tests/test_api_document.py wants a summary, a description, examples
   that fit, and each new code in docs/api.md; tests/test_api_fuzz.py asks the endpoint
   all sorts of things, as nobody, as a citizen and as a manager.

What the frame does by itself
=============================
- Who: `request.user` is a person or a machine (a user row behind an API key; its
  object permissions are those of the key, so `may()` and `visible_to()` just work).
  Only signed-in callers come in, unless `permission_classes = [AllowAny]`; then
  `request.user` can be AnonymousUser, for whom `visible_to()` has nothing and `may()`
  says no. Never pass None as `by=`: that is the system, which may everything.
- Errors: raise DomainError (409), Http404, PermissionDenied, Django's or DRF's
  ValidationError (400), or an APIException with `default_code`: problem+json each.
  A new DomainError appears in the list of codes by itself; name it in `refuses`.
- `Idempotency-Key` on every POST: nothing to do. The handler then runs inside a
  transaction, so what it owes must be rows, and tasks start by `enqueue`.
- `ETag` and 304 on every GET, `Cache-Control: private, no-cache` (class attribute
  `cache_control`; "no-store" for secrets), RateLimit headers (attribute `limit`), body
  limit, cursor pages, and these in the OpenAPI document.
- To lock more than the row for `If-Match`, or in another order:
  `self.unchanged(appointment, lock=steps.lock_with_days)`; `lock` returns the row anew.
"""
