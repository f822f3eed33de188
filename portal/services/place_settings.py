"""Settings of authorities for the places below them: what holds where, who set it, and the one save (P8, G8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.models import Place, Pupil, User, db
from portal.rules import networks
from portal.rules.clock import now
from portal.rules.evidence import from_pairs
from portal.rules.place_settings import (
    CONTROLLED,
    EVIDENCE_FORMATS,
    EVIDENCE_KINDS,
    EVIDENCE_REQUIRED,
    LOW_RISK,
    ONE_BY_ONE,
    PRINT_NETWORKS,
    REGISTRAR_REVIEWS,
    SAMPLE_SHARE,
    SEATS,
    SECOND_STEP,
    SETTINGS,
    Switch,
    Value,
    class_size_code,
    in_order,
    is_looser,
    is_valid,
    may_set,
    strictest,
)
from portal.rules.places import ancestors
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services.history import record
from portal.services.lists import classes_of
from portal.services.refusals import NotYours, Refusal
from portal.services.setting_defaults import KEY, default_of, kept_in


class BadSetting(Refusal):
    """A value that cannot be set; `code` says of which setting."""

    def __init__(self, code: str, text: str, **values: Any) -> None:
        super().__init__(text, **values)
        self.code = code


@dataclass(frozen=True)
class Origin:
    """Who set a value: the place, the person (empty when gone) and when."""

    place_id: UUID
    place: str
    value: Value
    person: str
    at: datetime | None


@dataclass(frozen=True)
class Standing:
    """How a setting stands at a place: what holds, what would hold without the place itself, what the place has set
    (None: nothing), and everybody on the way down who tightened it."""

    code: str
    value: Value
    above: Value
    own: Value | None
    origins: tuple[Origin, ...]


def is_on(path: str, switch: Switch) -> bool:
    """True unless an authority on the way down to `path` has switched the function off."""
    return bool(_holds(path, switch))


def require_on(path: str, switch: Switch) -> None:
    """Raise `Refusal` with the sentence of a function that is switched off for this place."""
    if not is_on(path, switch):
        raise Refusal(switch.off_words)


def is_controlled(path: str, item: str) -> bool:
    """True when an authority above has put this item under control: it then needs an application (G8)."""
    return item in controlled_items(path)


def controlled_items(path: str) -> tuple[str, ...]:
    """All items under control at a place, in the order of the paper."""
    held = _holds(path, CONTROLLED)
    return held if isinstance(held, tuple) else ()


def low_risk_items(path: str) -> tuple[str, ...]:
    """Items that a class may accept together where screen and paper agree; none under control is among them."""
    held, controlled = _holds(path, ONE_BY_ONE), controlled_items(path)
    taken_out = held if isinstance(held, tuple) else ()
    return tuple(code for code in LOW_RISK if code not in taken_out and code not in controlled)


def sample_percent(path: str) -> int:
    """Of a hundred sheets with nothing written so many are looked at by a person here."""
    return int(_holds(path, SAMPLE_SHARE))  # type: ignore[arg-type]


def seats(path: str) -> int:
    """So many verification seats a place may have, and so many may be inside at once (B2, R100)."""
    return int(_holds(path, SEATS))  # type: ignore[arg-type]


def require_may_print_from(path: str, address: str | None) -> None:
    """Raise `NotYours` unless print files may be made and fetched from this client address (D4)."""
    held = _holds(path, PRINT_NETWORKS)
    if isinstance(held, tuple) and not networks.allows(held, address):
        raise NotYours(
            N_("确认表只能在规定的网络里打印和下载，您现在的网络（%(address)s）不在里面。请到学校的电脑上再做。"),
            address=address or "?",
        )


def class_size_limit(path: str, stage: str) -> int | None:
    """How many pupils a class of this stage may have, or None for a stage without a limit."""
    code = class_size_code(stage)
    return int(_holds(path, code)) if code else None  # type: ignore[arg-type]


def too_large(path: str, sizes: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """(class number, pupils, limit) for every class above the limit; `sizes` are pupils by class number (R36)."""
    limits = {stage: class_size_limit(path, stage) for stage in {code[4:5] for code in sizes}}
    found = [(code, n, limits[code[4:5]]) for code, n in sorted(sizes.items())]
    return [(code, n, limit) for code, n, limit in found if limit is not None and n > limit]


def large_classes(actor: Actor) -> list[tuple[Place, int, int]]:
    """(class, pupils on its list, limit) for the classes of the actor's school above their limit."""
    query = select(Pupil.class_id, func.count()).where(Pupil.school_id == actor.place_id, Pupil.left_at.is_(None))
    grouped = db.session.execute(query.where(Pupil.is_draft.is_(False)).group_by(Pupil.class_id))
    counts = {class_id: n for class_id, n in grouped}
    classes = {c.code: c for c in classes_of(actor.place_id)}
    sizes = {code: counts.get(class_.id, 0) for code, class_ in classes.items()}
    return [(classes[code], n, limit) for code, n, limit in too_large(actor.path, sizes)]


def evidence_choice(path: str) -> str:
    """Which files are taken as evidence here: "registry" or "wide" (K17)."""
    return str(_holds(path, EVIDENCE_FORMATS))


def evidence_is_required(path: str) -> bool:
    """True unless the province has switched the upload of evidence off; the paper copy stays compulsory (X8)."""
    return bool(_holds(path, EVIDENCE_REQUIRED))


def evidence_kinds(path: str) -> dict[str, tuple[str, ...]]:
    """Item -> kinds of evidence of which any one will do here (X17)."""
    held = _holds(path, EVIDENCE_KINDS)
    return from_pairs(held if isinstance(held, tuple) else ())


def registrars_may_review(path: str) -> bool:
    """True where the province lets registrars review in the school besides the leader (X7)."""
    return bool(_holds(path, REGISTRAR_REVIEWS))


def second_step_for(path: str) -> str:
    """Who of staff needs a second step here: a word of `rules.place_settings.second_step_includes`."""
    return str(_holds(path, SECOND_STEP))


def _holds(path: str, code: str) -> Value:
    value = default_of(code)
    for place in _way_down(path):
        kept = _kept(place).get(code)
        if kept is not None:
            value = strictest(code, value, _value(kept))
    return value


def _way_down(path: str) -> list[Place]:
    query = select(Place).where(Place.path.in_(ancestors(path)))
    return sorted(db.session.scalars(query), key=lambda place: len(place.path))


def _kept(place: Place) -> dict[str, dict[str, Any]]:
    return kept_in(place.settings)


def _value(kept: dict[str, Any]) -> Value:
    value = kept["value"]
    return tuple(value) if isinstance(value, list) else value


def standings_of(path: str) -> dict[str, Standing]:
    """Every setting as it stands at a place."""
    way = _way_down(path)
    people = _people(kept["by"] for place in way for kept in _kept(place).values() if kept.get("by"))
    return {code: _standing(code, path, way, people) for code in SETTINGS}


def _standing(code: str, path: str, way: list[Place], people: dict[str, str]) -> Standing:
    value = above = default_of(code)
    own: Value | None = None
    origins = []
    for place in way:
        kept = _kept(place).get(code)
        if kept is None:
            continue
        set_here = _value(kept)
        if place.path == path:
            own = set_here
        else:
            above = strictest(code, above, set_here)
        value = strictest(code, value, set_here)
        at = datetime.fromisoformat(kept["at"]) if kept.get("at") else None
        origins.append(Origin(place.id, place.name, set_here, people.get(kept.get("by") or "", ""), at))
    return Standing(code, value, above, own, tuple(origins))


def _people(ids: Iterable[str]) -> dict[str, str]:
    wanted = {UUID(one) for one in ids}
    return {user.id.hex: user.name or "" for user in db.session.scalars(select(User).where(User.id.in_(wanted)))}


def save(actor: Actor, wanted: Mapping[str, Value | None]) -> list[str]:
    """Set these for the actor's own place; None takes what comes from above. Commits; returns the codes that changed.

    Raises `NotYours` below the authorities and `BadSetting` for a value out of bounds or looser than above; then
    nothing is saved.
    """
    if not all(may_set(actor.level, code) for code in wanted):
        raise NotYours(N_("这些由教育局设定，学校只能看。"))
    # the screen has read it already; what somebody else saved since then is not to be lost
    place = db.session.get_one(Place, actor.place_id, with_for_update=True, populate_existing=True)
    standings = standings_of(place.path)
    kept, changed = dict(_kept(place)), []
    for code, value in wanted.items():
        _require_good(code, value, standings[code])
        value = _tidy(value, standings[code])
        if value == standings[code].own:
            continue
        kept.pop(code, None)
        if value is not None:
            by = actor.user_id.hex if actor.user_id else None
            kept[code] = {"value": value, "by": by, "at": now().isoformat()}
        before = standings[code].own
        record(actor, place, "SET_SETTING", place.id, setting=code, before=before, after=value)
        changed.append(code)
    if changed:
        place.settings = place.settings | {KEY: kept}
    db.session.commit()
    return changed


def _tidy(value: Value | None, standing: Standing) -> Value | None:
    """What comes from above is not set once more here, and nothing is set that changes nothing."""
    if isinstance(value, tuple) and SETTINGS[standing.code].kind != "kinds":
        assert isinstance(standing.above, tuple)
        if SETTINGS[standing.code].kind == "networks":
            return value or None
        return in_order(set(value) - set(standing.above)) or None
    return None if value == standing.above and standing.own is None else value


def _require_good(code: str, value: Value | None, standing: Standing) -> None:
    if value is None:
        return
    setting = SETTINGS[code]
    if not is_valid(code, value):
        bounds = {"low": setting.low, "high": setting.high}
        invalid: dict[str, tuple[str, dict[str, Any]]] = {
            "number": (N_("人数要在 %(low)s 和 %(high)s 之间。"), bounds),
            "percent": (N_("百分数要在 %(low)s 和 %(high)s 之间。"), bounds),
            "networks": (N_("最多写 %(n)s 个网络。"), {"n": networks.MOST_NETWORKS}),
            "kinds": (N_("每一项至少要勾一种证明。"), {}),
        }
        text, values = invalid.get(setting.kind, (N_("没有这个项目，请从列表里选。"), {}))
        raise BadSetting(code, text, **values)
    if is_looser(code, standing.above, value):
        above = standing.above
        joined = " ".join(above) if isinstance(above, tuple) else ""
        looser: dict[str, tuple[str, dict[str, Any]]] = {
            "number": (N_("上级定的是 %(n)s 人，只能更少，不能更多。"), {"n": above}),
            "percent": (N_("上级定的是 %(n)s%%，只能更多，不能更少。"), {"n": above}),
            "choice": (N_("上级定得更严，这里不能放宽。"), {}),
            "networks": (N_("要在上级定的网络里面：%(networks)s。"), {"networks": joined}),
        }
        text, values = looser.get(setting.kind, (N_("上级已经关了，这里开不了。"), {}))
        raise BadSetting(code, text, **values)
