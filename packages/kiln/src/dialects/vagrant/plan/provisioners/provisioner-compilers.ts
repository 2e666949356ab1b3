import { compileAnsible, compileAnsibleLocal } from './ansible.ts';
import { compileChef } from './chef.ts';
import type { ProvisionerCompiler } from './compiler.ts';
import { compileContainers } from './containers.ts';
import { compileFile } from './file.ts';
import { compilePuppet, compilePuppetServer } from './puppet.ts';
import { compileReload } from './reload.ts';
import { compileSalt } from './salt.ts';
import { compileShell } from './shell.ts';

const nothingToDo: ProvisionerCompiler = () => [];

/** By the type alone: for what runs after an installation of something else. */
const compileAny: ProvisionerCompiler = (provisioner, planning) => {
  const { type, at } = provisioner;
  const compile = Object.hasOwn(provisionerCompilers, type) ? provisionerCompilers[type] : undefined;
  if (compile) return compile(provisioner, planning);
  planning.warn(`Kiln does not run the provisioner ${type}`, at);
  return [];
};

/** What Kiln does for a provisioner, by its type. */
export const provisionerCompilers: Readonly<Record<string, ProvisionerCompiler>> = {
  ansible: compileAnsible,
  ansible_local: compileAnsibleLocal,
  chef_apply: compileChef,
  chef_client: compileChef,
  chef_solo: compileChef,
  chef_zero: compileChef,
  docker: compileContainers(compileAny),
  file: compileFile,
  // Machines know each other's names from the start: plan-names.ts.
  hostmanager: nothingToDo,
  hosts: nothingToDo,
  podman: compileContainers(compileAny),
  puppet: compilePuppet,
  puppet_server: compilePuppetServer,
  reload: compileReload,
  salt: compileSalt,
  shell: compileShell,
};
