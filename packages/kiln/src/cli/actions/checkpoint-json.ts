import type { ListedCheckpoint } from '../../store/checkpoints/list-checkpoints.ts';
import type { ListedWarm } from '../../store/warm/warm-store.ts';

/** A checkpoint as `--json` shows it, without the private key that logs in to its machine. Sizes in bytes. */
export function checkpointJson({ record, usedAt, bytes, ownBytes, usedBy }: ListedCheckpoint): object {
  const { schema: _schema, login, firmwareVariables, files, ...rest } = record;
  return {
    ...rest,
    usedAt: usedAt.toISOString(),
    bytes,
    ownBytes,
    usedBy,
    hasFirmwareVariables: firmwareVariables !== undefined,
    ...(login && { login: { publicKey: login.publicKey } }),
    files: Object.fromEntries(Object.entries(files).map(([digest, facts]) => [digest, facts.bytes])),
  };
}

/** A machine that others begin as copies of, as `--json` shows it. Sizes in bytes. */
export function warmJson({ record, usedAt, bytes }: ListedWarm): object {
  const { key, createdAt, image, machine } = record;
  return {
    kind: 'machine',
    key,
    createdAt,
    usedAt: usedAt.toISOString(),
    image,
    machine,
    bytes,
    ownBytes: bytes,
  };
}

/** The key as people see it. */
export function shortKey(key: string): string {
  return key.slice(0, 12);
}

const units: readonly (readonly [name: string, milliseconds: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
];

/** How long ago something was: `3 d`, `5 h`, `12 m`, `now`. */
export function shortAge(milliseconds: number): string {
  const unit = units.find(([, size]) => milliseconds >= size);
  return unit ? `${Math.floor(milliseconds / unit[1])} ${unit[0]}` : 'now';
}
