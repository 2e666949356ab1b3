import { canonicalHash } from './canonical.ts';
import type { Build, Plan } from './plan.ts';
import { withoutFolders } from './relative-paths.ts';
import type { Step } from './step.ts';

/**
 * SHA-256, in hex, of what a plan says to do, whatever it was written in and wherever it lies: names of files, places
 * in them and names that only people see do not count, and neither do the values of secrets.
 */
export function planHash({ builds, machines, origin, secrets }: Plan): string {
  const said = { builds: builds.map(buildFacts), machines };
  return canonicalHash(withoutPlaces(withoutFolders(said, origin.folder)), secrets);
}

function buildFacts({ name, innerName, steps, cleanupStep, ...rest }: Build): unknown {
  return {
    ...rest,
    name: innerName ?? name,
    steps: steps.map(stepFacts),
    ...(cleanupStep && { cleanupStep: stepFacts(cleanupStep) }),
  };
}

function stepFacts({ name: _name, ...rest }: Step): unknown {
  return rest;
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      name === 'at' && isPlace(inner) ? [] : [[name, withoutPlaces(inner)]],
    ),
  );
}

/** A user's own map, such as custom data, may have a key of this name too. */
function isPlace(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'line' in value && 'column' in value;
}
