import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { digestTree } from '../../engine/digest-tree.ts';
import { filesOfStep } from '../../engine/local-files.ts';
import { whyStepNotRepeatable, whyTextsChange } from '../../engine/repeatable.ts';
import { isChanging, stateKey, stepParts, valueParts } from '../../engine/step-keys.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { Step } from '../../plan/step.ts';
import { storeSecretKey } from '../../store/checkpoints/secret-key.ts';
import { orderProvisioners } from './order-provisioners.ts';
import { isChosen, provisionerLabel } from './provision-mode.ts';

export interface ProvisionedKeySetup {
  readonly home: string;
  readonly spec: MachineSpec;
  /** Digest of the image that the machine is made from. */
  readonly image: string;
  /** What else of the machine its inside could notice, such as its devices, accelerator and QEMU's version. */
  readonly machine: Readonly<Record<string, string>>;
  /** Folder that relative paths refer to. */
  readonly folder: string;
  readonly secrets?: readonly string[];
}

export type ProvisionedKey =
  | { readonly kind: 'key'; readonly key: string }
  /** `reason`, for people: why a machine that was provisioned once cannot stand for another one. */
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Names what a new machine is once its provisioners have run, those that run once and those that always do: the image, the
 * machine as its inside could notice it, and the parts of every step (engine/step-keys.ts). There is no such name when
 * a step acts outside of the machine, gives another result each time, or seems to read or write a synced folder, which
 * does not come back with the machine.
 * @throws KilnError `file-missing` for a file of a step that vanishes meanwhile
 */
export async function provisionedKey(setup: ProvisionedKeySetup): Promise<ProvisionedKey> {
  const { spec, home, folder, secrets = [] } = setup;
  const order = orderProvisioners(spec.provisioners).filter((one) =>
    isChosen(one, { kind: 'automatic' }, true),
  );
  if (order.length === 0) return { kind: 'none', reason: 'the machine has no provisioners' };
  if (spec.disks.some(({ kind }) => kind !== 'disk'))
    return { kind: 'none', reason: 'the machine has a disk that is a file of its own' };
  const rules = { folder, secrets, secretKey: await storeSecretKey(home) };
  let key = stateKey(undefined, {
    image: setup.image,
    ...valueParts({ ...setup.machine, spec: noticeable(spec) }, rules),
    ...(await cloudInitParts(spec, folder)),
  });
  const now = randomUUID();
  for (const provisioner of order) {
    for (const step of provisioner.steps) {
      const reason =
        whyStepNotRepeatable(step) ??
        whyTextsChange(step) ??
        (isChanging(step) ? 'a text of it is another one in each run' : undefined) ??
        (await whyFolders(step, spec, folder));
      if (reason !== undefined)
        return { kind: 'none', reason: `the provisioner ${provisionerLabel(provisioner)}: ${reason}` };
      key = stateKey(key, await stepParts(step, rules, now));
    }
  }
  return { kind: 'key', key };
}

async function cloudInitParts({ cloudInit }: MachineSpec, folder: string): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (const [index, { content }] of cloudInit.entries()) {
    if (content.kind !== 'file') continue;
    parts[`cloud-init ${index + 1}`] = await digestTree(resolve(folder, content.path));
  }
  return parts;
}

/** Everything of a machine but what only this host sees, and what is done in it. */
function noticeable(spec: MachineSpec): Partial<MachineSpec> {
  const {
    image: _image,
    ports: _ports,
    provisioners: _provisioners,
    triggers: _triggers,
    message: _message,
    haltTimeout: _haltTimeout,
    autostart: _autostart,
    primary: _primary,
    sshClient: _sshClient,
    sshForward: _sshForward,
    portRange: _portRange,
    login: { user, port },
    ...rest
  } = spec;
  return { ...rest, login: { user, ...(port !== undefined && { port }) } };
}

/** Scripts name the folder of the machine that they work with, and those of this host are read for that. */
async function whyFolders(step: Step, { folders }: MachineSpec, folder: string): Promise<string | undefined> {
  if (folders.length === 0) return undefined;
  const paths = folders.map(({ guestPath }) => guestPath.replace(/(?<=.)\/+$/, ''));
  const named = (text: string) => paths.find((path) => text.includes(path));
  const found = named(JSON.stringify(step)) ?? named(await scriptsOf(step, folder));
  return found === undefined ? undefined : `it works with the synced folder ${found}`;
}

/** What the files say that a step reads, and those in its folders. */
async function scriptsOf(step: Step, folder: string): Promise<string> {
  const texts = filesOfStep(step).map(async (path) => {
    const whole = resolve(folder, path);
    const isFolder = (await stat(whole).catch(orNothing))?.isDirectory() ?? false;
    const names = isFolder ? await readdir(whole, { recursive: true }) : [''];
    const inside = names.map((name) => readFile(join(whole, name), 'latin1').catch(orNothing));
    return (await Promise.all(inside)).join('\n');
  });
  return (await Promise.all(texts)).join('\n');
}

function orNothing(error: unknown): undefined {
  if (!isSystemError(error, 'ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR')) throw error;
}
