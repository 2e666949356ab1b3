import {
  type Difference,
  type Section,
  type StateItem,
  type SystemState,
  sections,
  type ValueChange,
} from './system-state.ts';

/**
 * In what two systems differ, by section and name. What does not matter is among it, marked: what follows from packages
 * that differ themselves, what tells machines apart, and what every installation does anew.
 */
export function compareStates(before: SystemState, after: SystemState): Difference[] {
  return sections.flatMap((section) => {
    const names = new Set([...before.sections[section].keys(), ...after.sections[section].keys()]);
    return [...names]
      .sort((a, b) => (a < b ? -1 : 1))
      .flatMap((name) => {
        const found = compareItems(section, name, before, after);
        return found ? [found] : [];
      });
  });
}

function compareItems(
  section: Section,
  name: string,
  before: SystemState,
  after: SystemState,
): Difference | undefined {
  const [old, now] = [before.sections[section].get(name), after.sections[section].get(name)];
  if (isThere(old) && isThere(now)) return compareValues(section, name, [before, old], [after, now]);
  const oldThere = isThere(old);
  const there = oldThere ? old : isThere(now) ? now : undefined;
  if (there === undefined) return undefined;
  if (there.usual) return undefined;
  const missing = oldThere ? { item: now, state: after } : { item: old, state: before };
  // Of what a profile does not mention it says nothing.
  if (!missing.state.whole && !missing.item?.absent && (oldThere ? before : after).whole) return undefined;
  return {
    section,
    name,
    kind: oldThere ? 'removed' : 'added',
    values: there.values,
    changes: [],
    matters:
      missing.item?.absent === true || !before.whole || !after.whole || !(there.standard || there.identity),
  };
}

function isThere(item: StateItem | undefined): item is StateItem {
  return item !== undefined && !item.absent;
}

type Side = readonly [state: SystemState, item: StateItem];

function compareValues(section: Section, name: string, before: Side, after: Side): Difference | undefined {
  const [old, now] = [before[1], after[1]];
  const names = new Set([...Object.keys(old.values), ...Object.keys(now.values)]);
  const patterns = new Set([...(old.patterns ?? []), ...(now.patterns ?? [])]);
  const unknown = new Set([...(old.unknown ?? []), ...(now.unknown ?? [])]);
  const changes: ValueChange[] = [];
  for (const what of names) {
    const [from, to] = [old.values[what], now.values[what]];
    if (from === to || unknown.has(what) || (patterns.has(what) && fits(from, to))) continue;
    if (from === undefined ? isSilent(before, after) : to === undefined && isSilent(after, before)) continue;
    changes.push({
      what,
      ...(from === undefined ? {} : { before: from }),
      ...(to === undefined ? {} : { after: to }),
    });
  }
  if (changes.length === 0) return undefined;
  return {
    section,
    name,
    kind: 'changed',
    changes,
    matters: changes.some(({ what }) => valueMatters(what, before, after)),
  };
}

/** A profile that says nothing of a value leaves it as it is; beside another profile it says something else. */
function isSilent([state]: Side, [other]: Side): boolean {
  return !state.whole && other.whole;
}

/** Whatever a profile says, matters. */
function valueMatters(what: string, [before, old]: Side, [after, now]: Side): boolean {
  if (!before.whole || !after.whole) return true;
  if (old.identity && now.identity) return false;
  if (old.standard && now.standard && contentValues.includes(what)) return false;
  return !old.minor?.includes(what) && !now.minor?.includes(what);
}

/** Values that a package's version decides where the package has made the thing. */
const contentValues = ['content', 'target', 'state', 'kind', 'size'];

/** One of the two is a pattern of a version: `1.22.*`. */
function fits(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const isLike = (pattern: string, text: string) => {
    const quoted = pattern.split('*').map((piece) => piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${quoted.join('.*')}$`).test(text);
  };
  return isLike(one, other) || isLike(other, one);
}
