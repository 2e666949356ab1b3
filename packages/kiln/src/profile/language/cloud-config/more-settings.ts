import type { CloudContext } from './cloud-context.ts';
import { refuse } from './cloud-context.ts';
import type { CloudConfig } from './shape.ts';

/** The fields `ntp`, `ca_certs`, `mounts` and `ssh_deletekeys`. */
export function readMoreSettings(config: CloudConfig, context: CloudContext): void {
  readTime(config, context);
  readCertificates(config, context);
  readMounts(config, context);
  if (config.ssh_deletekeys === false) {
    refuse(
      context,
      config,
      'ssh_deletekeys',
      'host keys in an image would be the same on all its machines',
      'take it out: every machine makes its own',
    );
  }
}

function readTime(config: CloudConfig, context: CloudContext): void {
  const { ntp } = config;
  const { layer, places } = context;
  if (ntp === undefined || ntp?.enabled === false) return;
  const at = places.of(config, 'ntp');
  if (ntp) {
    const client = ntp.ntp_client ?? 'auto';
    const hint = 'name the package of the client under "packages", and write its settings with write_files';
    if (!['auto', 'systemd-timesyncd'].includes(client)) {
      refuse(context, ntp, 'ntp_client', `Kiln sets up systemd-timesyncd, and not ${client}`, hint);
    }
    for (const field of ['config', 'peers', 'allow'] as const) {
      if (ntp[field] !== undefined) refuse(context, ntp, field, 'systemd-timesyncd has no such thing', hint);
    }
    const servers = [...(ntp.servers ?? []), ...(ntp.pools ?? [])];
    if (servers.length > 0) {
      const path = '/etc/systemd/timesyncd.conf.d/cloud-init.conf';
      layer.add('files', path, at, {
        what: { kind: 'file', content: { kind: 'text', text: `[Time]\nNTP=${servers.join(' ')}\n` } },
        mode: 0o644,
        owner: 'root',
        group: 'root',
      });
      layer.add('services', 'systemd-timesyncd.service', at, { restartOn: [path] });
    }
  }
  const isDebian = {
    kind: 'fact',
    name: 'os.distribution',
    operator: 'in',
    value: ['debian', 'ubuntu'],
  } as const;
  layer.add('packages', 'systemd-timesyncd', at, { absent: false, when: isDebian });
  layer.add('services', 'systemd-timesyncd.service', at, { enabled: true });
}

function readCertificates(config: CloudConfig, context: CloudContext): void {
  const given = config.ca_certs ?? config['ca-certs'];
  if (!given) return;
  const { layer, problems, places } = context;
  for (const field of ['remove_defaults', 'remove-defaults'] as const) {
    if (given[field]) {
      refuse(
        context,
        given,
        field,
        "the system's own authorities stay",
        'remove them in a script of a profile',
      );
    }
  }
  const { trusted = [] } = given;
  trusted.forEach((certificate: string, index: number) => {
    const at = places.of(trusted, index);
    if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(certificate)) {
      problems.error(
        at,
        'this is no certificate',
        'it begins with "-----BEGIN CERTIFICATE-----"; write it as a block, behind "|"',
      );
      return;
    }
    layer.add('files', `/usr/local/share/ca-certificates/cloud-init-ca-cert-${index + 1}.crt`, at, {
      what: { kind: 'file', content: { kind: 'text', text: certificate.replace(/\n*$/, '\n') } },
      mode: 0o644,
      owner: 'root',
      group: 'root',
    });
  });
  if (trusted.length === 0) return;
  const at = places.of(trusted);
  layer.add('packages', 'ca-certificates', at, { absent: false });
  layer.addOnce(
    'trust certificates',
    'after-files',
    at,
    `# ${trusted.length} certificates\nupdate-ca-certificates || exit 1`,
  );
}

/** Options that let a machine start although what is to be mounted is not there. */
const usualOptions = 'defaults,nofail';

function readMounts({ mounts }: CloudConfig, context: CloudContext): void {
  const { layer, problems, places } = context;
  mounts?.forEach((fields: readonly string[], index: number) => {
    const at = places.of(mounts, index);
    const [device, point, type = 'auto', options = usualOptions, dump = '0', pass = '2'] = fields;
    // An entry without a place takes a default of cloud-init away, of which there are none.
    if (device === undefined || point === undefined || fields.length > 6) {
      problems.error(
        at,
        'a mount needs what and where, and has at most six fields',
        'write [LABEL=data, /srv/data, ext4, "defaults,nofail", "0", "2"]',
      );
      return;
    }
    const isPlace = /^\/(?!.*\/\.\.?(?:\/|$))\S*$/.test(point) || (point === 'none' && type === 'swap');
    if (!/^(?:\/|UUID=|LABEL=|PARTUUID=|PARTLABEL=|[\w.-]+:|tmpfs$|none$)/.test(device) || !isPlace) {
      problems.error(
        at,
        `"${isPlace ? device : point}" cannot be mounted: only a machine in a cloud knows what it means`,
        'name the device by its path, UUID= or LABEL=, and an absolute path for it',
      );
      return;
    }
    if ([...fields].some((field) => /\s/.test(field))) {
      problems.error(
        at,
        'a field of a mount has a space in it',
        'write \\040 for a space, as fstab(5) has it',
      );
      return;
    }
    const line = [device, point, type, options, dump, pass].join(' ');
    const quoted = `'${line.replaceAll("'", "'\\''")}'`;
    const folder = point === 'none' ? '' : `mkdir -p '${point.replaceAll("'", "'\\''")}'\n`;
    layer.add('scripts', `mount ${point}`, at, {
      at: 'after-files',
      run: `${folder}printf '%s\\n' ${quoted} >> /etc/fstab`,
      unless: `grep -qxF -- ${quoted} /etc/fstab`,
    });
  });
}
