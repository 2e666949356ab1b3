import type { MachineLogin } from '../../../plan/machine-spec.ts';
import { isTruthy, textsOf } from '../finish/coerce.ts';
import { onHost, type Planning } from './planning.ts';

/** How Kiln gets into the machine at first. */
export function planLogin(planning: Planning): MachineLogin {
  const { vm, ssh, winssh } = planning.machine;
  const communicator = vm.communicator ?? 'ssh';
  if (communicator === 'winrm') {
    planning.refuse(
      'config.vm.communicator is winrm, and Kiln talks to machines over SSH',
      undefined,
      'Windows has an OpenSSH server that boxes can start: use :winssh, or a box with it and :ssh',
    );
  } else if (communicator === 'none') {
    planning.warn('config.vm.communicator: Kiln waits until the machine lets it in over SSH');
  } else if (communicator !== 'ssh' && communicator !== 'winssh') {
    planning.refuse(`there is no communicator ${communicator}`, undefined, 'use :ssh');
  }
  const section = communicator === 'winssh' ? winssh : ssh;
  const keys = textsOf(section.private_key_path ?? ssh.default.private_key_path ?? []);
  const [first, ...more] = keys.map((path) => onHost(planning, path));
  const password = section.password ?? ssh.default.password;
  return {
    user: section.username ?? ssh.default.username ?? 'vagrant',
    ...(isTruthy(password) && { password: password! }),
    ...(first !== undefined && { privateKeyFile: first }),
    ...(more.length > 0 && { moreKeyFiles: more }),
    // Boxes let these in when nothing else is said.
    ...(first === undefined && !isTruthy(password) && { publishedKeys: true }),
    ...(section.guest_port !== 22 && { port: section.guest_port }),
    timeout: Math.round(vm.boot_timeout * 1000),
    adoptKey: section.insert_key && ssh.default.insert_key,
  };
}
