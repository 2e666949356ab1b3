import { defineCommand, defineOptions } from '../command.ts';

export const serviceHomeOptions = defineOptions({
  database: {
    type: 'text',
    value: 'URL',
    description:
      'A Postgres server: postgres://USER@HOST/NAME. Default: KILN_DATABASE, else one of its own in the home.',
  },
  home: {
    type: 'text',
    value: 'FOLDER',
    complete: 'folder',
    description: "Where the service's files are. Default: KILN_HOME.",
  },
});

/** How a process works on runs. */
export const buildingOptions = defineOptions({
  'build-home': {
    type: 'text',
    value: 'FOLDER',
    complete: 'folder',
    description:
      "Where builds keep states, downloads and what is temporary. Default: the service's home with -builds behind its name.",
  },
  'build-user': {
    type: 'text',
    value: 'NAME',
    description: 'User of this host that builds run as, when the service is started by root.',
  },
  'allow-address': {
    type: 'list',
    value: 'HOST[:PORT]',
    commas: true,
    description: 'Let templates fetch files from there, even if it is this host or next to it.',
  },
  'refuse-private': {
    type: 'flag',
    description: 'Let templates fetch nothing from private networks (10/8, 172.16/12, 192.168/16).',
  },
});

export const serveOptions = defineOptions({
  listen: {
    type: 'text',
    value: 'HOST:PORT',
    description: 'Where to listen. Default: 127.0.0.1:8420. Port 0 takes any that is free.',
  },
  http: { type: 'flag', description: 'Speak plain HTTP: tokens can be read on the way. For behind a proxy.' },
  'tls-cert': {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'A certificate with its chain, in PEM, instead of one by the own authority.',
  },
  'tls-key': { type: 'text', value: 'FILE', complete: 'file', description: 'The key that belongs to it.' },
  name: {
    type: 'list',
    value: 'NAME',
    commas: true,
    description: 'Further names or addresses by which clients reach this host, for the certificate.',
  },
  ...serviceHomeOptions,
  worker: {
    type: 'flag',
    on: true,
    description: 'Run no builds in this process; others with the same database do.',
  },
  ...buildingOptions,
  region: {
    type: 'list',
    value: 'NAME=FOLDER',
    description: 'A region with a store of its own. All other regions are the store of the home.',
  },
  'oidc-issuer': {
    type: 'text',
    value: 'URL',
    description: 'Take tokens of this OpenID Connect issuer, too. Who they are for has to be given a role.',
  },
  'oidc-audience': {
    type: 'text',
    value: 'TEXT',
    description: "The audience that the issuer's tokens must have.",
  },
  quiet: { type: 'flag', description: 'Log warnings and errors only.' },
});

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'Start the image service: templates in, images in galleries out',
  description:
    "The service speaks the API of Azure VM Image Builder and Compute Gallery, so that their clients work with it, and more under /api/v1 (see docs/service.md). At the first start it makes an authority for its certificate and an administrator's token, each in a file, and says where. Its address goes to standard output as soon as it answers; its log goes to standard error, a JSON a line.",
  options: serveOptions,
  arguments: [],
  examples: [
    { command: 'kiln serve', explanation: 'on this host alone, with a database and a worker of its own' },
    {
      command: 'kiln serve --listen 0.0.0.0:8420 --name images.example.org',
      explanation: 'for others',
    },
    {
      command: 'kiln serve --database postgres://kiln@db/kiln --no-worker',
      explanation: 'one of several with the same database; those without --no-worker build',
    },
  ],
  load: () => import('../actions/serve.ts'),
});
