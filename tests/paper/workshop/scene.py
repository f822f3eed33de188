"""What can happen to a photograph: one `Scene` of plain numbers, drawn from a seed and a named condition."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Scene:
    """Lengths in millimetres on paper, angles in degrees, light as factors of a white page (1.0 = just white)."""

    width: int = 4000
    height: int = 3000
    fill: float = 0.9  # share of the tighter photo side that the page fills
    roll: float = 0.0
    tilt: float = 0.0
    pan: float = 0.0
    distance: float = 420.0
    shift: tuple[float, float] = (0.0, 0.0)  # of the page's middle, in shares of the photo
    ruling: float = 0.0  # direction across which the paper bends
    waves: tuple[tuple[float, float, float], ...] = ()  # amplitude, length, phase
    creases: tuple[tuple[float, float, float], ...] = ()  # place along the bend, height, half width
    corner_lift: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    dog_ear: tuple[int, float] | None = None  # corner, size
    fingers: tuple[tuple[float, float, float, float], ...] = ()  # tip x, y, direction, thickness
    light: float = 0.85
    gradient: tuple[float, float] = (0.0, 0.0)
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)  # blue, green, red
    shadows: tuple[tuple[float, float, float, float, float], ...] = ()  # x, y, direction, depth 0-1, softness
    glares: tuple[tuple[float, float, float, float], ...] = ()  # x, y, radius, strength 0-1
    blur: float = 0.08  # standard deviation
    motion: tuple[float, float] = (0.0, 0.0)  # length, direction
    noise: float = 3.0  # grey levels
    quality: int = 85
    background: int = 0
    bleed: float = 0.0
    stamps: tuple[tuple[float, float, float], ...] = ()  # x, y, turn
    screen: bool = False
    sharpen: float = 0.0  # what the phone adds at edges
    gamma: float = 1.0  # and to the middle tones
    extra: dict[str, object] = field(default_factory=dict)


SIZES = ((4000, 3000), (4032, 3024), (4624, 3468), (3264, 2448))
SENT = ((2560, 1920), (2400, 1800), (2000, 1500), (2304, 1728))
CONDITIONS = (
    "scan", "typical", "hard", "turned", "lost_corner", "curled", "folded", "blurred", "dark", "glare", "cut", "small",
    "covered", "screen", "pile", "stamped", "bleeding", "pencil", "coloured", "shadow", "noisy", "compressed", "chat",
    "held", "sealed",
)  # fmt: skip


def draw(condition: str, rng: np.random.Generator, size: tuple[int, int] | None = None) -> Scene:
    """A scene of this condition; the same generator state gives the same scene. `size` fixes the photo's pixels."""
    if condition not in CONDITIONS:
        raise ValueError(f"no such condition: {condition}")
    if size is None:
        size = _size(condition, rng)
    scene = _typical(rng, size)
    change = globals().get(f"_{condition}")
    return change(scene, rng) if change and condition != "typical" else scene


def _size(condition: str, rng: np.random.Generator) -> tuple[int, int]:
    if condition == "small":
        return ((1440, 1080), (1280, 960), (1600, 1200), (1080, 810))[rng.integers(4)]
    if condition == "chat":
        return ((1440, 1080), (1920, 1080), (1680, 1080))[rng.integers(3)]
    return (SIZES if rng.random() < 0.15 else SENT)[rng.integers(4)]


def _typical(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    turn = float(rng.choice([0, 90, 180, 270], p=[0.45, 0.25, 0.1, 0.2]))
    if turn in (0, 180) and rng.random() < 0.92:
        size = size[::-1]
    waves = tuple(
        (float(rng.uniform(0.0, 1.6)), float(rng.uniform(150, 420)), float(rng.uniform(0, 6.3))) for _ in range(2)
    )
    return Scene(
        width=size[0],
        height=size[1],
        fill=float(rng.uniform(0.78, 0.97)),
        roll=turn + float(rng.normal(0, 3)),
        tilt=float(rng.normal(0, 7)),
        pan=float(rng.normal(0, 5)),
        distance=float(rng.uniform(330, 520)),
        shift=(float(rng.normal(0, 0.008)), float(rng.normal(0, 0.008))),
        ruling=float(rng.uniform(0, 180)),
        waves=waves,
        creases=_creases(rng, 0.35, 2.0),
        light=float(rng.uniform(0.6, 0.95)),
        gradient=(float(rng.normal(0, 0.12)), float(rng.normal(0, 0.12))),
        cast=(float(rng.uniform(0.82, 1.0)), float(rng.uniform(0.93, 1.0)), float(rng.uniform(0.94, 1.0))),
        shadows=_shadows(rng, 0.4, 0.15, 0.45),
        blur=float(rng.uniform(0.04, 0.15)),
        noise=float(rng.uniform(1.5, 5)),
        quality=int(rng.integers(72, 93)),
        background=int(rng.integers(0, 1 << 30)),
        bleed=float(rng.uniform(0.0, 0.05)),
        fingers=_fingers(rng, 0.12),
        stamps=_stamps(rng, 0.04),
        sharpen=float(rng.uniform(0, 0.6)),
        gamma=float(rng.uniform(0.88, 1.12)),
    )


def _creases(rng: np.random.Generator, chance: float, height: float) -> tuple[tuple[float, float, float], ...]:
    if rng.random() > chance:
        return ()
    places = [0.0] if rng.random() < 0.6 else [-49.0, 49.0]
    return tuple(
        (p + float(rng.normal(0, 3)), float(rng.normal(0, height)), float(rng.uniform(15, 50))) for p in places
    )


def _shadows(rng: np.random.Generator, chance: float, low: float, high: float) -> tuple[tuple[float, ...], ...]:
    if rng.random() > chance:
        return ()
    return (
        (
            float(rng.uniform(20, 190)),
            float(rng.uniform(20, 280)),
            float(rng.uniform(0, 360)),
            float(rng.uniform(low, high)),
            float(rng.uniform(2, 40)),
        ),
    )  # type: ignore[return-value]


def _fingers(rng: np.random.Generator, chance: float) -> tuple[tuple[float, float, float, float], ...]:
    """A thumb reaching in from one edge, where there is no box most of the time."""
    if rng.random() > chance:
        return ()
    side, reach, along = int(rng.integers(4)), float(rng.uniform(2, 11)), float(rng.uniform(0.05, 0.95))
    x, y, direction = {
        0: (reach, 297 * along, 180.0),
        1: (210 - reach, 297 * along, 0.0),
        2: (210 * along, reach, 270.0),
        3: (210 * along, 297 - reach, 90.0),
    }[side]
    return ((x, y, direction + float(rng.normal(0, 20)), float(rng.uniform(14, 21))),)


def _stamps(rng: np.random.Generator, chance: float) -> tuple[tuple[float, float, float], ...]:
    if rng.random() > chance:
        return ()
    return ((float(rng.uniform(40, 190)), float(rng.uniform(40, 280)), float(rng.uniform(0, 360))),)


def _scan(scene: Scene, rng: np.random.Generator) -> Scene:
    return Scene(
        width=1654, height=2339, fill=1.0, distance=100_000.0, light=0.98, blur=0.05, noise=2.0, quality=80,
        roll=float(rng.choice([0, 180])) + float(rng.normal(0, 0.6)), background=scene.background, bleed=scene.bleed,
    )  # fmt: skip


def _hard(scene: Scene, rng: np.random.Generator) -> Scene:
    waves = tuple(
        (float(rng.uniform(1, 3.5)), float(rng.uniform(140, 380)), float(rng.uniform(0, 6.3))) for _ in range(2)
    )
    return replace(
        scene,
        roll=float(rng.uniform(0, 360)) if rng.random() < 0.3 else scene.roll + float(rng.normal(0, 8)),
        tilt=float(rng.normal(0, 14)),
        pan=float(rng.normal(0, 12)),
        fill=float(rng.uniform(0.8, 0.97)),
        waves=waves,
        creases=_creases(rng, 0.7, 4.0),
        corner_lift=tuple(float(max(0.0, rng.normal(0, 4))) for _ in range(4)),  # type: ignore[arg-type]
        shadows=_shadows(rng, 0.8, 0.3, 0.7) + _shadows(rng, 0.3, 0.2, 0.5),
        gradient=(float(rng.normal(0, 0.25)), float(rng.normal(0, 0.25))),
        light=float(rng.uniform(0.45, 1.05)),
        blur=float(rng.uniform(0.08, 0.27)),
        motion=(float(rng.uniform(0, 0.4)), float(rng.uniform(0, 180))),
        noise=float(rng.uniform(3, 10)),
        quality=int(rng.integers(50, 90)),
        bleed=float(rng.uniform(0, 0.13)),
        fingers=_fingers(rng, 0.4),
        stamps=_stamps(rng, 0.15),
    )


def _lost_corner(scene: Scene, rng: np.random.Generator) -> Scene:
    """One corner mark is gone: a thumb on it, a dog-ear, or the photo's edge runs through it."""
    corner, way = int(rng.integers(4)), rng.random()
    scene = replace(scene, fingers=())
    x, y = ((15.0, 15.0), (195.0, 15.0), (15.0, 282.0), (195.0, 282.0))[corner]
    if way < 0.45:
        outward = (225.0, 315.0, 135.0, 45.0)[corner]
        tip = (x + float(rng.normal(0, 2)), y + float(rng.normal(0, 2)))
        return replace(scene, fingers=((*tip, outward + float(rng.normal(0, 20)), float(rng.uniform(15, 22))),))
    if way < 0.7:
        return replace(scene, dog_ear=(corner, float(rng.uniform(24, 36))))
    lean, fill = float(rng.uniform(4, 9)), float(rng.uniform(0.97, 1.03))
    leaning = [replace(scene, fill=fill, extra={"aim": (x, y)}, roll=scene.roll + side * lean) for side in (1, -1)]
    return max(leaning, key=_marks_in_photo)


def _marks_in_photo(scene: Scene) -> int:
    from tests.paper.workshop.camera import Camera

    seen = Camera(scene).to_photo(np.array([(x, y) for x in (12.0, 198.0) for y in (12.0, 285.0)]))
    return int(((seen > 0) & (seen < [scene.width, scene.height])).all(1).sum())


def _curled(scene: Scene, rng: np.random.Generator) -> Scene:
    waves = tuple(
        (float(rng.uniform(2, 6)), float(rng.uniform(180, 420)), float(rng.uniform(0, 6.3))) for _ in range(2)
    )
    lift = tuple(float(max(0.0, rng.normal(2, 6))) for _ in range(4))
    return replace(scene, waves=waves, creases=_creases(rng, 0.6, 5.0), corner_lift=lift)  # type: ignore[arg-type]


def _blurred(scene: Scene, rng: np.random.Generator) -> Scene:
    if rng.random() < 0.3:
        return replace(scene, motion=(float(rng.uniform(0.6, 2.4)), float(rng.uniform(0, 180))))
    return replace(scene, blur=float(rng.uniform(0.22, 0.7)))


def _dark(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(
        scene,
        light=float(rng.uniform(0.25, 0.55)),
        noise=float(rng.uniform(5, 12)),
        shadows=_shadows(rng, 1.0, 0.5, 0.95),
    )


def _glare(scene: Scene, rng: np.random.Generator) -> Scene:
    spots = tuple(
        (
            float(rng.uniform(20, 190)),
            float(rng.uniform(30, 280)),
            float(rng.uniform(6, 45)),
            float(rng.uniform(0.3, 1.6)),
        )
        for _ in range(1 + int(rng.integers(2)))
    )
    return replace(scene, glares=spots)


def _cut(scene: Scene, rng: np.random.Generator) -> Scene:
    """The page runs out of the photo on one side."""
    away = float(rng.uniform(0.02, 0.16)) * (1 if rng.random() < 0.5 else -1)
    shift = (away, 0.0) if rng.random() < 0.5 else (0.0, away)
    return replace(scene, shift=shift)


def _small(scene: Scene, rng: np.random.Generator) -> Scene:
    """A chat app sent it on: few pixels, strong compression."""
    return replace(scene, quality=int(rng.integers(45, 75)), fill=float(rng.uniform(0.8, 0.99)))


def _covered(scene: Scene, rng: np.random.Generator) -> Scene:
    """A hand or another thing lies on the boxes."""
    tip = (float(rng.uniform(25, 185)), float(rng.uniform(50, 285)))
    direction = 0.0 if tip[0] > 105 else 180.0
    return replace(scene, fingers=((*tip, direction + float(rng.normal(0, 25)), float(rng.uniform(14, 22))),))


def _screen(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(scene, screen=True, creases=(), waves=(), bleed=0.0, dog_ear=None)


def _turned(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(scene, roll=float(rng.uniform(0, 360)))


def _folded(scene: Scene, rng: np.random.Generator) -> Scene:
    """Folded in half or in thirds to fit a schoolbag, opened again."""
    creases = _creases(rng, 1.0, 5.0)
    return replace(scene, ruling=float(rng.choice([0.0, 90.0])) + float(rng.normal(0, 1)), creases=creases)


def _pile(scene: Scene, rng: np.random.Generator) -> Scene:
    """The sheet lies on others of its class, of which an edge shows."""
    return replace(scene, fingers=_fingers(rng, 0.5), extra={"under": tuple(float(v) for v in rng.normal(0, 5, 3))})


def _stamped(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(scene, stamps=_stamps(rng, 1.0))


def _bleeding(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(scene, bleed=float(rng.uniform(0.06, 0.2)))


def _shadow(scene: Scene, rng: np.random.Generator) -> Scene:
    """Hand and phone stand between lamp and paper: one or two shadows with an edge."""
    shadows = [_shadows(rng, 1.0, 0.3, 0.8)[0] for _ in range(1 + int(rng.integers(2)))]
    return replace(scene, shadows=tuple((*shadow[:4], float(rng.uniform(0.3, 6))) for shadow in shadows))


def _noisy(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(scene, noise=float(rng.uniform(8, 18)), light=float(rng.uniform(0.4, 0.75)))


def _compressed(scene: Scene, rng: np.random.Generator) -> Scene:
    return replace(scene, quality=int(rng.integers(15, 45)))


def _chat(scene: Scene, rng: np.random.Generator) -> Scene:
    """Sent through a chat app that keeps 1,080 pixels of the shorter side."""
    upright = scene.width < scene.height
    turn = 0.0 if upright else 90.0
    return replace(
        scene, quality=int(rng.integers(50, 80)), fill=float(rng.uniform(0.92, 1.0)), shift=(0.0, 0.0),
        roll=turn + float(rng.normal(0, 1.5)), tilt=float(rng.normal(0, 3)), pan=float(rng.normal(0, 3)),
    )  # fmt: skip


def _held(scene: Scene, rng: np.random.Generator) -> Scene:
    """Held in the hand: two to four fingers over the edge."""
    return replace(scene, fingers=tuple(_fingers(rng, 1.0)[0] for _ in range(2 + int(rng.integers(3)))))


def _sealed(scene: Scene, rng: np.random.Generator) -> Scene:
    """A stamp over the signature, and often one over text."""
    over = (float(rng.uniform(45, 110)), float(rng.uniform(272, 288)), float(rng.uniform(0, 360)))
    return replace(scene, stamps=(over, *_stamps(rng, 0.7)))
