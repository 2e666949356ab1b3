import { checkConfiguration, selectOne } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

export const portCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  flags: {
    guest: {
      type: 'text',
      value: 'PORT',
      description: "The host's port that leads to this one of the machine.",
    },
  },
  run: async ({ flags, args }, session) => {
    const target = await selectOne(session, args);
    checkConfiguration(target);
    const { record, ui } = target;
    // Ports are what runs has: a machine that is off has none.
    const ports =
      record === undefined || target.state.id !== 'running'
        ? []
        : [
            { guest: record.guestSshPort ?? 22, host: record.sshPort },
            ...record.ports.map(({ guest, host }) => ({ guest, host })),
          ];
    if (ports.length === 0) {
      session.ui.error('No port of the host leads to this machine now.');
      return 1;
    }
    if (flags.guest !== undefined) {
      const found = ports.find(({ guest }) => String(guest) === flags.guest);
      if (found === undefined) {
        session.ui.error(`The machine has no port ${flags.guest} that one of the host leads to.`);
        return 1;
      }
      session.ui.info(String(found.host));
      ui.machine('forwarded_port', String(found.guest), String(found.host));
      return 0;
    }
    session.ui.info('Ports of the host that lead to the machine:');
    session.ui.info('');
    for (const { guest, host } of ports) {
      session.ui.info(`${String(guest).padStart(6)} (guest) => ${host} (host)`);
      ui.machine('forwarded_port', String(guest), String(host));
    }
    return 0;
  },
});
