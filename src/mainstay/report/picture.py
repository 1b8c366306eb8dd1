"""The picture: strain, the threshold it crosses, the acts that follow, the roles that feed it, and what was recorded.

One sheet over one time axis. From top to bottom: strain with its band and the threshold with its band, filled where
strain stands above it; acts of relief by kind; demands by kind; hours in each role; how much was recorded. Stretches
without records are shaded through every panel and named.
"""

from __future__ import annotations

from pathlib import Path

from mainstay.errors import BadRequest
from mainstay.report import picture_data as data
from mainstay.report.figure import (
    DARK,
    LIGHT,
    NARROWEST,
    WIDEST,
    Spec,
    balanced,
    date_ticks,
    layout_for,
    panel,
    sheet,
    words_at,
    wrapped,
)  # fmt: skip
from mainstay.report.picture_lanes import Sheet, demand_panels, ground, record_panels, relief_panels, role_panels
from mainstay.report.picture_strain import ratings_panels, strain_panels, threshold_words
from mainstay.report.words import between_dates, percent
from mainstay.strain.posterior import Curves
from mainstay.timeline.kinds import Timeline

DEFAULT_TITLE = "Strain, and the strain at which relief is sought"
RAW_TITLE = "What was recorded"


def picture_spec(
    timeline: Timeline, curves: Curves | None, *, width: int = 1200, title: str | None = "", dark: bool = False,
    brief: bool = False,
) -> Spec:  # fmt: skip
    """The picture as a Vega-Lite specification with its data inside. `width` in pixels; below 640 the phone's layout.

    `title`: empty for the usual one, None for none. Without curves: the raw ratings and the lanes. Without a threshold:
    strain alone, and the caption says so. `brief`: strain and relief alone, without the lanes below them.
    """
    if not NARROWEST <= width <= WIDEST:
        raise BadRequest(f"a picture {width} pixels wide can't be drawn; ask for {NARROWEST} to {WIDEST}")
    layout = layout_for(width)
    days = data.shown_days(timeline)
    ticks = date_ticks(timeline.origin.as_local.date(), days, layout.plot)
    page = Sheet(timeline, layout, DARK if dark else LIGHT, days, tuple(ticks))
    heading = title or (DEFAULT_TITLE if curves is not None else RAW_TITLE)
    panels = [
        *([title_panel(page, heading)] if title is not None else []),
        *(strain_panels(page, curves) if curves is not None else ratings_panels(page)),
        *relief_panels(page),
        *([] if brief else [*demand_panels(page), *role_panels(page), *record_panels(page)]),
        dates_panel(page),
        caption_panel(page, caption(timeline, curves)),
    ]
    return sheet(panels, page.palette, layout, f"{heading}. {caption(timeline, curves)}")


def caption(timeline: Timeline, curves: Curves | None) -> str:
    """What the lines, bands and shadings mean, with units and dates."""
    when = between_dates(timeline.origin, timeline.instant(max(timeline.days - 1e-6, 0.0)))
    told = [f"One person's records {when}."]
    if curves is None:
        told.append("Strain itself could not be estimated from them.")
    else:
        told.append(f"Strain is measured from this person's rest level in {curves.unit}.")
        told.append(f"Bands: {percent(curves.level)} sure the line runs inside, at each moment taken alone.")
        if curves.threshold is None:
            told.append("No threshold is drawn: the records do not show that more strain brings more relief-seeking.")
        else:
            told.append(f"Threshold: the {threshold_words(curves)}.")
            if timeline.recording:
                told.append("Filled: strain stood above it.")
            else:
                told.append("How fully things were recorded was not logged: read nothing into its slope and height.")
        if curves.unknown.any():
            told.append("Dotted: no record is near enough to tell.")
    if timeline.gaps:
        told.append("Shaded: no check-in or event.")
    return " ".join(told)


def title_panel(page: Sheet, title: str) -> Spec:
    """The title, in as few lines as fit, and those about equally long."""
    layout = page.layout
    lines = balanced(title, layout.title, layout.inner, bold=True)
    height = len(lines) * layout.title * 1.32 + 12
    words = words_at(lines, -layout.left, layout.title * 0.6, colour=page.palette.ink, size=layout.title, bold=True)
    return panel([*ground_of_nothing(page, height), *words], layout, height)


def ground_of_nothing(page: Sheet, height: float) -> list[Spec]:
    """The invisible edge that makes every sheet exactly as wide as asked."""
    return ground(page, height)[:1]


def dates_panel(page: Sheet) -> Spec:
    """The dates under the time axis, years in bold."""
    layout, palette = page.layout, page.palette
    layers: list[Spec] = ground_of_nothing(page, 44)
    for tick in page.ticks:
        x = tick.day / page.days_a_pixel
        align = "left" if x < 8 else "right" if x > layout.plot - 8 else "center"
        layers += words_at(tick.label, x, 12, colour=palette.quiet, size=layout.small, align=align)
        if tick.year:
            layers += words_at(tick.year, x, 27, colour=palette.ink, size=layout.small, bold=True, align=align)
    return panel(layers, layout, 44)


def caption_panel(page: Sheet, text: str) -> Spec:
    """What the marks mean, in small letters under the whole."""
    layout = page.layout
    lines = wrapped(text, layout.small, min(layout.plot + layout.left, 960))
    height = len(lines) * layout.small * 1.4 + 10
    return panel(words_at(lines, -layout.left, 12, colour=page.palette.quiet, size=layout.small), layout, height)


def picture_svg(spec: Spec) -> str:
    """The picture as SVG text that refers to nothing outside itself."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg


def save_picture(spec: Spec, path: Path) -> None:
    """Write the picture as .svg, .png (twice the size, for sharp print) or .pdf; other endings are refused."""
    import vl_convert

    suffix = path.suffix.lower()
    if suffix == ".svg":
        path.write_text(picture_svg(spec), encoding="utf-8")
    elif suffix == ".png":
        path.write_bytes(vl_convert.svg_to_png(picture_svg(spec), scale=2.0))
    elif suffix == ".pdf":
        path.write_bytes(vl_convert.svg_to_pdf(picture_svg(spec)))
    else:
        raise BadRequest(f"a picture can't be saved as {path.name!r}; end the name in .svg, .png or .pdf")
