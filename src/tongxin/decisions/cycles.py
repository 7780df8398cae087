"""Circles among what decisions require."""

from tongxin.decisions.model import Key, Model, Part


def circle(model: Model) -> list[Part]:
    """The decisions of one circle; empty if there is none."""
    finished: set[Key] = set()
    for start in model.parts:
        path: list[Key] = []
        waiting: list[tuple[Key, bool]] = [(start, False)]
        while waiting:
            key, leaving = waiting.pop()
            if leaving:
                finished.add(path.pop())
            elif key in path:
                return [model.parts[one] for one in path[path.index(key) :]]
            elif key not in finished:
                path.append(key)
                waiting.append((key, True))
                waiting += [(one.key, False) for one in model.parts[key].requires]
    return []
