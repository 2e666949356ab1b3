import type { SourceLocation } from '../../../base/errors.ts';
import { aptLine } from '../notations/apt-line.ts';
import { entryKey } from '../notations/names.ts';
import { readKey } from '../sections/repositories.ts';
import type { CloudApt } from './apt-shape.ts';
import { type CloudContext, refuse } from './cloud-context.ts';
import type { CloudConfig } from './shape.ts';

/** The field `apt`: repositories, and settings of apt. */
export function readApt({ apt }: CloudConfig, context: CloudContext): void {
  if (!apt) return;
  for (const [field, reason, hint] of refusedFields) {
    if (apt[field] !== undefined) refuse(context, apt, field, reason, hint);
  }
  readSources(apt, context);
  const { layer, places } = context;
  const settings: readonly (readonly [path: string, field: keyof CloudApt, text: string | undefined])[] = [
    ['94cloud-init-config', 'conf', apt.conf],
    ['90cloud-init-aptproxy', 'http_proxy', proxies(apt)],
  ];
  for (const [name, field, text] of settings) {
    if (text === undefined) continue;
    layer.add('files', `/etc/apt/apt.conf.d/${name}`, places.of(apt, field), {
      what: { kind: 'file', content: { kind: 'text', text: text.endsWith('\n') ? text : `${text}\n` } },
      mode: 0o644,
      owner: 'root',
      group: 'root',
    });
  }
  const { debconf_selections: selections } = apt;
  if (selections) {
    const lines = Object.values(selections)
      .map((text) => text.replace(/\n*$/, '\n'))
      .join('');
    const at = places.of(apt, 'debconf_selections');
    layer.addOnce(
      'answer questions of packages',
      'before-packages',
      at,
      `debconf-set-selections <<'END' || exit 1\n${lines}END`,
    );
  }
}

const refusedFields: readonly (readonly [field: keyof CloudApt, reason: string, hint: string])[] = [
  [
    'primary',
    'the mirror is the one of the host or of the image',
    'configure apt on the host that builds, or write a repository under "sources"',
  ],
  [
    'security',
    'the mirror is the one of the host or of the image',
    'configure apt on the host that builds, or write a repository under "sources"',
  ],
  [
    'disable_suites',
    "the system's own repositories stay as they are",
    'replace /etc/apt/sources.list with write_files',
  ],
  [
    'sources_list',
    "the system's own repositories stay as they are",
    'replace /etc/apt/sources.list with write_files',
  ],
  ['add_apt_repo_match', 'names for add-apt-repository are not taken', 'write whole lines under "sources"'],
];

function proxies({
  proxy,
  http_proxy: http,
  https_proxy: https,
  ftp_proxy: ftp,
}: CloudApt): string | undefined {
  const lines = [
    ['http', http ?? proxy],
    ['https', https],
    ['ftp', ftp],
  ].flatMap(([scheme, url]) => (url === undefined ? [] : [`Acquire::${scheme}::Proxy "${url}";\n`]));
  return lines.length === 0 ? undefined : lines.join('');
}

function readSources({ sources }: CloudApt, context: CloudContext): void {
  const { layer, problems, places, scope } = context;
  for (const [name, entry] of Object.entries(sources ?? {})) {
    const at = places.of(sources!, name);
    if (entry.keyid !== undefined || entry.keyserver !== undefined) {
      problems.error(
        places.of(entry, entry.keyid === undefined ? 'keyserver' : 'keyid'),
        `the key of the repository ${name} would be fetched from a server, which may send another one`,
        'write the key itself: "key:" with what `gpg --armor --export FINGERPRINT` prints',
      );
      continue;
    }
    if (entry.source === undefined) {
      problems.error(
        at,
        `the repository ${name} has no "source"`,
        'a key alone would be trusted for everything; write the line that it is for',
      );
      continue;
    }
    const line = filledLine(
      entry.source,
      scope.values.get('os.codename'),
      places.of(entry, 'source'),
      context,
    );
    if (line === undefined) continue;
    const read = aptLine.parse(line);
    if (read === undefined || !('kind' in read) || read.kind !== 'line') {
      const problem = read !== undefined && 'problem' in read ? read : undefined;
      problems.error(
        places.of(entry, 'source'),
        problem?.problem ?? `"${entry.source}" is not a line of sources.list`,
        problem?.hint ?? 'write "deb https://deb.example.org/debian bookworm main"',
      );
      continue;
    }
    if (read.signedBy !== undefined && (read.signedBy !== '$KEY_FILE' || entry.key === undefined)) {
      problems.error(
        places.of(entry, 'source'),
        `the key of the repository ${name} is a file of the machine`,
        'write the key under "key", and [signed-by=$KEY_FILE] in the line',
      );
      continue;
    }
    const file = fileName(entry.filename ?? name);
    if (!/^[a-z0-9]/.test(file)) {
      problems.error(
        at,
        `"${entry.filename ?? name}" cannot be a repository's name`,
        `expected ${entryKey.expected}`,
      );
      continue;
    }
    const key =
      entry.key === undefined ? undefined : readKey(`${entry.key}\n`, places.of(entry, 'key'), context);
    layer.add('repositories', file, at, {
      absent: false,
      urls: [read.url],
      suites: [read.suite],
      components: read.components,
      ...(read.architectures.length > 0 && { architectures: read.architectures }),
      ...(key && { key }),
    });
  }
}

/** Fills in what cloud-init knows: the code name of the release. */
function filledLine(
  source: string,
  codename: string | undefined,
  at: SourceLocation,
  { problems }: CloudContext,
): string | undefined {
  if (/^ppa:|^cloud-archive:/.test(source)) {
    problems.error(
      at,
      `"${source}" is a name for add-apt-repository, which asks a server for the rest`,
      'write the whole line and the key: both are on the page of the archive',
    );
    return undefined;
  }
  const [mirror] = /\$(?:MIRROR|PRIMARY|SECURITY)\b/.exec(source) ?? [];
  if (mirror !== undefined) {
    problems.error(at, `${mirror} is not known here`, 'write the URL of the archive');
    return undefined;
  }
  if (!source.includes('$RELEASE')) return source;
  if (codename !== undefined) return source.replaceAll('$RELEASE', codename);
  problems.error(
    at,
    '$RELEASE is not known where this file is read',
    'write the code name of the release, or extend this file in a profile with "os: debian/12"',
  );
  return undefined;
}

function fileName(text: string): string {
  return text
    .replace(/\.(?:list|sources)$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, 60);
}
