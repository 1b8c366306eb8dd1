"""What Today, Notice and Record show first, from a story: what `mainstay.web.first_look` keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstay.web.pages import notice, record, today

if TYPE_CHECKING:
    from mainstay.casebook.views import StreamOverview
    from mainstay.story import Story
    from mainstay.web.first_look import Values


def first_pages(story: Story, streams: tuple[StreamOverview, ...]) -> tuple[dict[str, Values], str]:
    """What each puts into its template, and every mark of the timeline. Without streams, Record's counts are not."""
    pages = {
        today.NAME: today.said(story),
        notice.NAME: notice.said(story),
        record.NAME: record.said(story.timeline, streams),
    }
    return pages, record.marks_as_json(story.timeline).decode()
