import type { ProvisionerCompiler } from './compiler.ts';
import { compileFile } from './file.ts';
import { compileShell } from './shell.ts';

const nothingToDo: ProvisionerCompiler = () => [];

/** What Kiln does for a provisioner, by its type. */
export const provisionerCompilers: Readonly<Record<string, ProvisionerCompiler>> = {
  file: compileFile,
  // Machines know each other's names from the start: plan-names.ts.
  hostmanager: nothingToDo,
  hosts: nothingToDo,
  shell: compileShell,
};
