import type { ServiceWish } from '../../plan/profile.ts';
import type { Inventory, InventoryUnit } from '../inventory/inventory.ts';
import type { BareSystem } from './bare-system.ts';
import type { OriginalFiles } from './original-files.ts';

export interface CapturedServices {
  readonly services: readonly ServiceWish[];
  /** Paths of files whose text is in them. */
  readonly files: ReadonlySet<string>;
}

/**
 * Units in another state than their packages and the bare system put them in, and units of somebody's own with their
 * texts.
 */
export function captureServices(
  inventory: Inventory,
  bare: BareSystem,
  originals: OriginalFiles,
): CapturedServices {
  const files = new Set<string>();
  const services: ServiceWish[] = [];
  // In a container without systemd nothing can be said of units that nobody has touched.
  const usual = inventory.packages.some((one) => one.name === 'systemd')
    ? bare.units
    : new Map<string, boolean>();
  const take = (path: string | undefined) => {
    const text = path === undefined ? undefined : originals.unit(path);
    if (text === undefined || !isUnit(text)) return undefined;
    files.add(path!);
    return text;
  };
  for (const unit of inventory.units) {
    const state = stateOf(unit, usual);
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
  for (const [name, enabled] of usual) {
    if (enabled && !listed.has(name) && inventory.unitFiles.includes(name))
      services.push({ name, enabled: false, restartOn: [] });
  }
  return { services: services.sort((a, b) => (a.name < b.name ? -1 : 1)), files };
}

function stateOf(
  { name, enabled, masked, enabledByPackage }: InventoryUnit,
  units: BareSystem['units'],
): Pick<ServiceWish, 'enabled' | 'masked'> | undefined {
  if (masked) return { masked };
  const usual = units.get(name) ?? enabledByPackage ?? false;
  return enabled === usual ? undefined : { enabled };
}

/** A text that a profile takes for a unit's. */
function isUnit(text: string): boolean {
  return /^\s*\[[A-Za-z-]+\]\s*$/m.test(text);
}
