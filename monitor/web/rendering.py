"""From a template to a page, with what every page knows: the time, and who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts import wording
from monitor.links import EXPLAINED
from monitor.web.auth import Door
from monitor.web.reading import Site
from monitor.web.streams import promise
from monitor.web.templating import templates


class Pages:
    """Renders the console's pages."""

    def __init__(self, site: Site, door: Door) -> None:
        self._site, self._door = site, door
        self._environment = templates()
        words = {"rarity": wording.rarity, "charged": wording.promise, "promise": promise}
        self._environment.globals |= words | {"explained": EXPLAINED}

    def page(
        self, request: Request, name: str, shown: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """`shown` goes to the template; `now` in it is the page's time, else the clock's."""
        known: dict[str, object] = {
            "site": self._site,
            "now": self._site.clock(),
            "analyst": self._door.by_cookie(request),
            "nobody_may_answer": self._door.is_empty,
            "path": request.url.path,
        }
        html = self._environment.get_template(name).render({**known, **shown})
        return HTMLResponse(html, status)

    def notice(self, request: Request, title: str, said: str, status: int) -> HTMLResponse:
        """A page that says one thing."""
        return self.page(request, "notice.html", {"title": title, "said": said}, status)

    def unrecorded(self, request: Request, said: str, status: int) -> HTMLResponse:
        """The notice to whoever sent a form of which nothing was taken."""
        return self.notice(request, "Nothing was recorded", said, status)

    def turned_away(self, request: Request, signed_out: str) -> HTMLResponse | None:
        """What a form gets that no analyst sent from a page of ours; None: it may be taken."""
        if not self._door.is_our_own(request):
            return self.foreign(request)
        if not self._door.by_cookie(request):
            return self.unrecorded(request, signed_out, 403)
        return None

    def missing(self, request: Request) -> HTMLResponse:
        return self.page(request, "missing.html", {}, 404)

    def foreign(self, request: Request) -> HTMLResponse:
        """What a form posted from another site gets."""
        said = "This did not come from a page of ours, so nothing was recorded. Go back and reload."
        return self.unrecorded(request, said, 403)

    def to_sign_in(self, request: Request) -> RedirectResponse:
        """Asks for a token and comes back here."""
        return RedirectResponse(f"/review/login?back={quote(request.url.path, safe='')}", 303)
