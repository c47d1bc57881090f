"""Filters: which profiles are allowed."""

from dataclasses import dataclass

from .model import StoredProfile


@dataclass(frozen=True, slots=True)
class HasAttribute:
    """The profile has one of these values of an attribute; without values, any."""

    name: str
    values: frozenset[str] = frozenset()

    def holds(self, profile: StoredProfile) -> bool:
        """Tell whether the condition holds."""
        found = profile.declared.attributes.get(self.name)
        return found is not None and (not self.values or not self.values.isdisjoint(found))


@dataclass(frozen=True, slots=True)
class LastEventBetween:
    """The latest event is at least at `start` and before `end` (Unix seconds); None: no end on that side."""

    start: float | None = None
    end: float | None = None

    def holds(self, profile: StoredProfile) -> bool:
        """Tell whether the condition holds."""
        time = profile.last_event_time
        if time is None:
            return False
        return (self.start is None or time >= self.start) and (self.end is None or time < self.end)


@dataclass(frozen=True, slots=True)
class IsUser:
    """The profile is that of one of these users."""

    user_ids: frozenset[str]

    def holds(self, profile: StoredProfile) -> bool:
        """Tell whether the condition holds."""
        return profile.user_id in self.user_ids


@dataclass(frozen=True, slots=True)
class AllowsTargeting:
    """The user may be found for promotions, or may not."""

    allowed: bool

    def holds(self, profile: StoredProfile) -> bool:
        """Tell whether the condition holds."""
        return profile.declared.targeting_allowed is self.allowed


ProfileCondition = HasAttribute | LastEventBetween | IsUser | AllowsTargeting


@dataclass(frozen=True, slots=True)
class ProfileFilter:
    """All of, any of (when there is any), and none of some conditions."""

    all_of: tuple[ProfileCondition, ...] = ()
    any_of: tuple[ProfileCondition, ...] = ()
    none_of: tuple[ProfileCondition, ...] = ()

    def allows(self, profile: StoredProfile) -> bool:
        """Tell whether a profile is allowed."""
        return (
            all(condition.holds(profile) for condition in self.all_of)
            and (not self.any_of or any(condition.holds(profile) for condition in self.any_of))
            and not any(condition.holds(profile) for condition in self.none_of)
        )

    @property
    def users(self) -> frozenset[str] | None:
        """The only users whose profiles can be allowed; None if they are not named."""
        named = [condition.user_ids for condition in self.all_of if isinstance(condition, IsUser)]
        return frozenset.intersection(*named) if named else None
