import { timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { isSystemError } from '../../../base/errors.ts';
import { writeFileAtomically } from '../../../base/files.ts';
import { identifyProcess } from '../../../base/processes.ts';
import { machineFilesIn, qemuProcess } from '../../machine-record.ts';
import { type Export, ExportedTree, Handles } from './exported-tree.ts';
import type { ServedFolders, ServerNote } from './folder-server.ts';
import { nfsProgram } from './nfs-program.ts';
import { type RpcProgram, rpcServer } from './rpc-server.ts';

/*
 * A program of its own, beside the QEMU of a machine: it serves the machine's folders, and ends when the machine has.
 * Arguments: the machine's folder. What to serve is in `folders.json` there; where it is served goes into
 * `folder-server.json`.
 */

/** How often it looks whether the machine still runs, and how long it may be away, in milliseconds. */
const lookEvery = 1000;
const patience = 30_000;

const folder = process.argv[2]!.replace(/\/$/, '');
const served = readServed();
const secret = Buffer.from(served.token, 'hex');
let trees = new Map<string, ExportedTree>();
loadTrees(served.exports);

const handles = new Handles(secret, () => [...trees.values()]);
const nfs = nfsProgram(handles);
const server = rpcServer({ '100003.3': nfs, '100005.3': mountProgram });
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(await freePort(served.port), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const self = identifyProcess(process.pid)!;
  const note: ServerNote = { port, process: self };
  void writeFileAtomically(`${folder}/folder-server.json`, `${JSON.stringify(note)}\n`, 0o600);
});

let seen = Date.now();
setInterval(() => void look(), lookEvery);

async function look(): Promise<void> {
  // The machine was destroyed.
  if (!existsSync(folder)) process.exit(0);
  if ((await qemuProcess(machineFilesIn(folder))) !== undefined) seen = Date.now();
  else if (Date.now() - seen > patience) process.exit(0);
}

/** MOUNT version 3 (RFC 1813, appendix I): gives the handle of a folder's root to who knows its path. */
function mountProgram(...[procedure, args, out]: Parameters<RpcProgram>): 'done' | undefined {
  if (procedure === 0) return 'done';
  if (procedure === 1) {
    const root = findRoot(args.text(1024));
    if (typeof root === 'number') out.u32(root);
    else out.u32(0).opaque(root).u32(1).u32(1);
    return 'done';
  }
  if (procedure === 3 || procedure === 4) return 'done';
  return undefined;
}

/** From `/TOKEN/EXPORT/UID/GID`; the ids are what its files are shown with. A number is a status. */
function findRoot(path: string): Buffer | number {
  const match = /^\/([0-9a-f]{64})\/([0-9a-f]{8})\/(\d{1,10})\/(\d{1,10})$/.exec(path);
  if (!match || !timingSafeEqual(Buffer.from(match[1]!, 'hex'), secret)) return 13;
  const find = () => trees.get(match[2]!);
  if (!find()) loadTrees(readServed().exports);
  const tree = find();
  if (!tree) return 2;
  try {
    const ids = { uid: Number(match[3]) >>> 0, gid: Number(match[4]) >>> 0 };
    return handles.make({ tree, ...ids }, tree.root().facts);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 2;
    return 13;
  }
}

function readServed(): ServedFolders {
  return JSON.parse(readFileSync(`${folder}/folders.json`, 'utf8')) as ServedFolders;
}

function loadTrees(exports: readonly Export[]): void {
  const next = new Map<string, ExportedTree>();
  for (const one of exports) {
    const tree = new ExportedTree(one);
    const id = tree.id.toString('hex');
    const known = trees.get(id);
    next.set(id, known?.settings.readOnly === one.readOnly ? known : tree);
  }
  for (const [id, tree] of trees) if (next.get(id) !== tree) tree.close();
  trees = next;
}

/** The port of an earlier server, which mounts still ask, or any. */
function freePort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return Promise.resolve(0);
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)));
  });
}
