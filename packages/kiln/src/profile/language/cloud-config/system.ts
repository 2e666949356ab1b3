import type { CloudContext } from './cloud-context.ts';
import { refuse } from './cloud-context.ts';
import type { CloudConfig } from './shape.ts';

/** Fields about the system as a whole: its names, language, clock, swap and disks. */
export function readSystemSettings(config: CloudConfig, context: CloudContext): void {
  const { layer, places } = context;
  const { timezone, locale, keyboard, swap } = config;
  const at = (field: keyof CloudConfig) => places.of(config, field);
  readNames(config, context);
  if (timezone !== undefined) layer.set('timezone', 'timezone', at('timezone'), { value: timezone });
  if (locale !== undefined) layer.set('locale', 'locale', at('locale'), { value: locale });
  if (keyboard) {
    const { options, ...rest } = keyboard;
    if (options !== undefined) {
      refuse(
        context,
        keyboard,
        'options',
        'options of keyboards have no words here',
        'write /etc/default/keyboard with write_files',
      );
    }
    layer.set('keyboard', 'keyboard', at('keyboard'), { value: rest });
  }
  if (swap) {
    if (!places.has(swap, 'size')) {
      refuse(context, swap, 'size', 'its size depends on the machine', 'write "size: 2G" under swap');
    } else if (swap.size !== undefined)
      layer.set('swap', 'swap', at('swap'), { size: swap.size, path: swap.filename ?? '/swap.img' });
  }
  readGrowth(config, context);
  readResolver(config, context);
}

function readNames(config: CloudConfig, context: CloudContext): void {
  const { hostname, fqdn, preserve_hostname: keep, manage_etc_hosts: manage } = config;
  const { layer, places } = context;
  const short = hostname ?? fqdn?.split('.')[0];
  const name = config.prefer_fqdn_over_hostname ? (fqdn ?? short) : short;
  const at = places.of(config, hostname === undefined ? 'fqdn' : 'hostname');
  if (config.create_hostname_file === false) {
    refuse(
      context,
      config,
      'create_hostname_file',
      'an image has no other place for the name',
      'take it out, or the name',
    );
  }
  if (name !== undefined && !keep) layer.set('hostname', 'hostname', at, { value: name });
  if (manage === undefined || /^(?:false|no|off)$/i.test(manage)) return;
  if (!/^(?:true|yes|on|template|localhost)$/i.test(manage)) {
    refuse(
      context,
      config,
      'manage_etc_hosts',
      `"${manage}" is nothing that it can be`,
      'write true, false or localhost',
    );
  } else if (short === undefined) {
    refuse(
      context,
      config,
      'manage_etc_hosts',
      'the name of the machine is not known',
      'give "hostname" or "fqdn" too',
    );
  } else {
    const names = [...new Set([...(fqdn === undefined ? [] : [fqdn]), short])];
    layer.set('hosts', '127.0.1.1', places.of(config, 'manage_etc_hosts'), { value: names });
  }
}

/** Images grow into their disks by themselves; what forbids that, or wants more, is not done. */
function readGrowth(config: CloudConfig, context: CloudContext): void {
  const { growpart, resize_rootfs: resize } = config;
  const hint = 'take it out: the root file system of images grows into its disk at boot';
  if (growpart) {
    const { mode = 'auto', devices = ['/'] } = growpart;
    if (!['auto', 'growpart'].includes(mode))
      refuse(context, growpart, 'mode', `"${mode}" is another way than Kiln's`, hint);
    if (devices.some((device) => device !== '/'))
      refuse(context, growpart, 'devices', 'only "/" grows', hint);
  }
  if (resize !== undefined && !/^(?:true|yes|on|noblock)$/i.test(resize)) {
    refuse(context, config, 'resize_rootfs', 'it always grows', hint);
  }
}

function readResolver(config: CloudConfig, context: CloudContext): void {
  const { resolv_conf: resolver, manage_resolv_conf: manage } = config;
  const { layer, problems, places } = context;
  if (!resolver) return;
  const at = places.of(config, 'resolv_conf');
  if (!manage) {
    problems.warning(
      at,
      'resolv_conf changes nothing without "manage_resolv_conf: true"',
      'add that, or take it out',
    );
    return;
  }
  for (const field of ['sortlist', 'options'] as const) {
    if (resolver[field] !== undefined) {
      refuse(
        context,
        resolver,
        field,
        'it has no words here',
        'write a file of /etc/systemd/resolved.conf.d with write_files',
      );
    }
  }
  const search = [
    ...new Set([
      ...(resolver.domain === undefined ? [] : [resolver.domain]),
      ...(resolver.searchdomains ?? []),
    ]),
  ];
  layer.set('dns', 'dns', at, { servers: resolver.nameservers ?? [], search });
}
