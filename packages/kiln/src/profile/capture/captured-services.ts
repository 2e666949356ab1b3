import type { Inventory, InventoryUnit } from '../inventory/inventory.ts';
import type { ServiceWish } from '../profile.ts';
import type { BareSystem } from './bare-system.ts';

export interface CapturedServices {
  readonly services: readonly ServiceWish[];
  /** Paths of files whose text is in them. */
  readonly files: ReadonlySet<string>;
}

/**
 * Units in another state than their packages and the bare system put them in, and units of somebody's own with their
 * texts.
 * @param texts by path; only of files that may be written down
 */
export function captureServices(
  inventory: Inventory,
  bare: BareSystem,
  texts: ReadonlyMap<string, string>,
): CapturedServices {
  const files = new Set<string>();
  const services: ServiceWish[] = [];
  const take = (path: string | undefined) => {
    const text = path === undefined ? undefined : texts.get(path);
    if (text === undefined || !isUnit(text)) return undefined;
    files.add(path!);
    return text;
  };
  for (const unit of inventory.units) {
    const state = stateOf(unit, bare);
    const text = take(unit.ownFile);
    const dropIn = take(unit.dropIns.find((path) => path.endsWith('/kiln.conf')));
    if (state === undefined && text === undefined && dropIn === undefined) continue;
    services.push({
      name: unit.name,
      ...state,
      ...(text === undefined ? {} : { unit: text }),
      ...(dropIn === undefined ? {} : { dropIn }),
      restartOn: [],
    });
  }
  const listed = new Set(inventory.units.map((unit) => unit.name));
  // What the bare system enables and is nowhere enabled here was disabled, if it is there at all.
  for (const [name, enabled] of bare.units) {
    if (enabled && !listed.has(name) && inventory.unitFiles.includes(name))
      services.push({ name, enabled: false, restartOn: [] });
  }
  return { services: services.sort((a, b) => (a.name < b.name ? -1 : 1)), files };
}

function stateOf(
  { name, enabled, masked, enabledByPackage }: InventoryUnit,
  bare: BareSystem,
): Pick<ServiceWish, 'enabled' | 'masked'> | undefined {
  if (masked) return { masked };
  const usual = bare.units.get(name) ?? enabledByPackage ?? false;
  return enabled === usual ? undefined : { enabled };
}

/** A text that a profile takes for a unit's. */
function isUnit(text: string): boolean {
  return /^\s*\[[A-Za-z-]+\]\s*$/m.test(text);
}
