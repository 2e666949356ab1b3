import { stepBase } from './common.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/** In milliseconds. */
const patience = 300_000;

/** The plugin vagrant-reload: the machine starts again between two provisioners. */
export const compileReload: ProvisionerCompiler = ({ at }) => [{ ...stepBase(at), kind: 'reboot', patience }];
