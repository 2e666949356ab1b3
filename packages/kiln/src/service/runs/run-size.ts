import { defaultVmSize, type VmSize, vmSize } from '../../dialects/azure/plan/vm-size.ts';

/** What a run takes of its worker: memory in MiB. */
export interface RunSize {
  readonly cpus: number;
  readonly memoryMib: number;
}

const mib = 2 ** 20;

/** The machine of a template's `vmProfile`; sizes that are not known count as the usual one, as in builds. */
export function runSizeOf(template: unknown): RunSize {
  const name = textAt(template, ['properties', 'vmProfile', 'vmSize']) ?? '';
  const { cpus, memory }: VmSize = (name === '' ? undefined : vmSize(name)) ?? vmSize(defaultVmSize)!;
  return { cpus, memoryMib: Math.ceil(memory / mib) };
}

/** A text somewhere in JSON; undefined when something else or nothing is there. */
export function textAt(value: unknown, path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
}

/** What is somewhere in JSON. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[name]
        : undefined,
    value,
  );
}
