import { globSync } from 'node:fs';

/** Tests that boot machines are told by their name; everything else is quick. */
export function unitTests(root: string): string[] {
  return allTests(root).filter((file) => !file.endsWith('.vm.test.ts'));
}

export function machineTests(root: string): string[] {
  return allTests(root).filter((file) => file.endsWith('.vm.test.ts'));
}

function allTests(root: string): string[] {
  return globSync(['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'], { cwd: root }).sort();
}
