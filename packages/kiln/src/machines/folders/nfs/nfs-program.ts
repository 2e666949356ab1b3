import { access, getAttributes, readLink, setAttributes } from './attribute-procedures.ts';
import { commit, read, write } from './content-procedures.ts';
import type { Handles } from './exported-tree.ts';
import { limits, pathLimits, spaceLeft } from './limit-procedures.ts';
import { readFolder } from './listing-procedures.ts';
import {
  create,
  hardLink,
  lookup,
  makeFolder,
  makeLink,
  refuseDevice,
  remove,
  rename,
} from './name-procedures.ts';
import { type Call, NfsScene } from './nfs-scene.ts';
import type { RpcProgram } from './rpc-server.ts';

type Procedure = (scene: NfsScene, call: Call) => 'done';

/** By their numbers (RFC 1813, section 3.3). */
const procedures: readonly Procedure[] = [
  () => 'done',
  getAttributes,
  setAttributes,
  lookup,
  access,
  readLink,
  read,
  write,
  create,
  makeFolder,
  makeLink,
  refuseDevice,
  (scene, call) => remove(scene, call, 'file'),
  (scene, call) => remove(scene, call, 'folder'),
  rename,
  hardLink,
  (scene, call) => readFolder(scene, call, false),
  (scene, call) => readFolder(scene, call, true),
  spaceLeft,
  limits,
  pathLimits,
  commit,
];

/**
 * Version 3 of the Network File System (RFC 1813) over exported folders. All is done at once and in order, by the user
 * who runs this process. What is written is safe when the kernel has it: the host is where the folder is anyway.
 */
export function nfsProgram(handles: Handles): RpcProgram {
  const scene = new NfsScene(handles);
  return (procedure, args, out, caller) => procedures[procedure]?.(scene, { args, out, caller });
}
