import type { SshClient } from '../../../plan/ssh-client.ts';
import { isTruthy, textsOf } from '../finish/coerce.ts';
import { onHost, type Planning } from './planning.ts';

/** How `kiln ssh` connects, as far as `config.ssh` says. */
export function planSshClient(planning: Planning): SshClient {
  const { ssh } = planning.machine;
  const user = ssh.username ?? ssh.default.username;
  const extra = ssh.extra_args ?? ssh.default.extra_args;
  const config = ssh.config ?? ssh.default.config;
  return {
    forwardAgent: ssh.forward_agent,
    forwardX11: ssh.forward_x11,
    sendEnvironment: isTruthy(ssh.forward_env) && ssh.forward_env !== true ? textsOf(ssh.forward_env) : [],
    compression: ssh.compression,
    keepAlive: ssh.keep_alive,
    ...(ssh.proxy_command !== null && { proxyCommand: ssh.proxy_command }),
    extraArguments: isTruthy(extra) ? textsOf(extra) : [],
    ...(config !== null && { configFile: onHost(planning, config) }),
    ...(ssh.ssh_command !== null && { program: ssh.ssh_command }),
    ...(ssh.remote_user !== null && ssh.remote_user !== user && { user: ssh.remote_user }),
    ...(ssh.host !== null && { host: ssh.host }),
    ...(ssh.port !== null && { port: ssh.port }),
    shell: ssh.shell,
  };
}
