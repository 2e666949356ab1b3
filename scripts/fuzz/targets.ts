import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EvalContext, Expression, Diagnostic as HclDiagnostic } from '@kiln/hcl';
import {
  fromPlain,
  packerFunctions,
  parseConfig,
  parseExpression,
  parseTemplate,
  systemHost,
} from '@kiln/hcl';
import { format } from '../../packages/hcl/src/format/format.ts';
import type { Diagnostic } from '../../packages/kiln/src/base/diagnostics.ts';
import { shortened } from '../../packages/kiln/src/base/shorten.ts';
import { shippedCatalogue } from '../../packages/kiln/src/dialects/azure/catalogue/catalogue.ts';
import { galleryView } from '../../packages/kiln/src/dialects/azure/plan/gallery-view.ts';
import { readAzureTemplate } from '../../packages/kiln/src/dialects/azure/read-azure-template.ts';
import { readKilnYaml } from '../../packages/kiln/src/dialects/kiln/read-kiln-yaml.ts';
import { readPackerJson } from '../../packages/kiln/src/dialects/packer/json/read-packer-json.ts';
import { formatProfile } from '../../packages/kiln/src/profile/language/format-profile.ts';
import { readProfile } from '../../packages/kiln/src/profile/language/read-profile.ts';
import { renderSource } from '../../packages/kiln/src/text/render-text.ts';
import type { Reading, Said, Target } from './judge.ts';
import { type Corpus, corpusOf } from './mutate.ts';

export interface FuzzTarget extends Target {
  readonly corpus: Corpus;
}

const corpusFolder = fileURLToPath(new URL('corpus/', import.meta.url));
const env = { HOME: '/home/ann', USER: 'ann' };
const startedAt = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

const variablesTemplate = JSON.stringify({
  variables: { a: '', b: '{{ user `a` }}', address: '' },
  builders: [{ type: 'file', content: '{{ user `b` }}', target: 'x' }],
});

/** Every reader of texts that users write. */
export const targets: readonly FuzzTarget[] = [
  {
    name: 'kiln-yaml',
    file: join(corpusFolder, 'kiln.yaml'),
    corpus: corpusIn('kiln'),
    read: (text) =>
      readingOf(
        readKilnYaml({ file: join(corpusFolder, 'kiln.yaml'), text, variables: {}, env, hostCpus: 4 }),
      ),
  },
  {
    name: 'azure',
    file: join(corpusFolder, 'template.json'),
    corpus: corpusIn('azure'),
    read: (text) =>
      readingOf(
        readAzureTemplate({
          file: join(corpusFolder, 'template.json'),
          text,
          values: {},
          now: startedAt,
          catalogue: shippedCatalogue(),
          gallery: galleryView([]),
          host: { cpus: 4, memory: 2 ** 33 },
        }),
      ),
  },
  ...['profile', 'cloud-config'].map(
    (name): FuzzTarget => ({
      name,
      file: `${name}.yaml`,
      corpus: corpusIn(name),
      read: (text) => readAnyProfile(`${name}.yaml`, text),
    }),
  ),
  {
    name: 'packer-json',
    file: 't.json',
    corpus: corpusIn('packer-json'),
    read: (text) => readingOf(packerJson(text)),
  },
  {
    name: 'packer-variables',
    file: 'values.json',
    others: { 't.json': variablesTemplate },
    corpus: corpusIn('variables'),
    read: (text) => readingOf(packerJson(variablesTemplate, [{ file: 'values.json', text }])),
  },
  {
    name: 'go-template',
    file: '',
    corpus: corpusIn('go-template'),
    mayThrow: true,
    read: (text) => {
      const data = { Name: 'x', List: [{ Name: 'a' }], Map: { a: { b: 1 }, c: ['d'] }, HTTPPort: '80' };
      renderSource(text, { user: { a: 'b' }, cwd: '/', templateFolder: '/', startedAt }, { data });
      return { isGood: true, said: [] };
    },
  },
  {
    name: 'hcl',
    file: 'x.hcl',
    corpus: corpusIn('packer-hcl'),
    read: readHcl,
  },
  {
    name: 'packer-hcl',
    file: 't.pkr.hcl',
    corpus: corpusIn('packer-hcl', '.hcl'),
    read: (text) => readPackerTemplate('t.pkr.hcl', text),
  },
  {
    name: 'packer-hcl-json',
    file: 't.pkr.json',
    corpus: corpusIn('packer-hcl', '.json'),
    read: (text) => readPackerTemplate('t.pkr.json', text),
  },
];

/** Reads a profile, and what it is written as again: that must be the same. Bases that are not here are empty. */
function readAnyProfile(file: string, text: string): Reading {
  const input = { file, text, parameters: {}, env, facts: { architecture: 'amd64' } };
  const { missing } = readProfile({ ...input, bases: new Map() });
  const bases = new Map(missing.map(({ key }) => [key, { text: 'profile: 1\n' }]));
  const reading = readProfile({ ...input, bases });
  const { profile } = reading;
  if (profile && reading.secrets.length === 0) {
    const written = formatProfile(profile);
    const again = readProfile({ ...input, text: written, bases: new Map() });
    if (JSON.stringify(again.profile) !== JSON.stringify(profile)) {
      throw new Error(
        `a profile that is written is another one:\n${written}\n${JSON.stringify(again.diagnostics)}`,
      );
    }
  }
  return readingOf({ plan: profile, diagnostics: reading.diagnostics });
}

function packerJson(text: string, variableFiles: readonly { file: string; text: string }[] = []) {
  return readPackerJson({
    file: 't.json',
    text,
    cwd: corpusFolder,
    folder: corpusFolder,
    env,
    variables: variableFiles.length > 0 ? {} : { address: '192.0.2.1' },
    variableFiles,
    only: [],
    except: [],
    startedAt,
  });
}

function readingOf(result: { readonly plan: unknown; readonly diagnostics: readonly Diagnostic[] }): Reading {
  // A plan is kept and compared as JSON.
  if (result.plan) JSON.stringify(result.plan);
  return {
    isGood: result.plan !== undefined,
    said: result.diagnostics.map(({ severity, message, hint, at }) => ({
      severity,
      message: hint === undefined ? message : `${message} (${hint})`,
      at,
    })),
  };
}

/** Parses as a file, an expression and a template, evaluates every expression there is, and formats. */
function readHcl(text: string): Reading {
  const parsed = parseConfig(text, 'x.hcl');
  const said = [...parsed.diagnostics];
  const visit = (body: typeof parsed.value): void => {
    const { attributes, blocks } = body.everything();
    for (const { expression } of attributes.values()) said.push(...allOf(expression));
    for (const block of blocks) visit(block.body as typeof parsed.value);
  };
  visit(parsed.value);
  for (const parse of [parseExpression, parseTemplate]) {
    const { value, diagnostics } = parse(text, 'x.hcl');
    said.push(...diagnostics, ...allOf(value));
  }
  const formatted = format(text);
  if (format(formatted) !== formatted) throw new Error('formatting a formatted text changes it');
  const words = said.map(wordsOf);
  return { isGood: !words.some(({ severity }) => severity === 'error'), said: words };
}

function allOf(expression: Expression): readonly HclDiagnostic[] {
  expression.variables();
  expression.asTraversal();
  return [
    ...expression.evaluate().diagnostics,
    ...expression.evaluate(context()).diagnostics,
    ...expression.asType().diagnostics,
  ];
}

/** Functions and some variables, but nothing that asks other machines. */
function context(): EvalContext {
  if (known) return known;
  const host = systemHost({
    baseFolder: corpusFolder,
    currentFolder: corpusFolder,
    environment: env,
    startedAt,
  });
  const functions = new Map(
    [...packerFunctions(host)].filter(([name]) => !/^(?:vault|consul_key|aws_secretsmanager.*)$/.test(name)),
  );
  const variables = new Map(
    Object.entries({
      var: {
        name: 'x',
        disks: [{ size: 1, format: 'raw' }],
        tags: { a: 'b' },
        region: 'north',
        password: 'p',
      },
      local: { numbers: [1, 2.5], nested: { a: { b: [1, [2, [3]]] } }, sizes: { disk0: 10 }, text: 'é' },
      path: { root: '.', cwd: '/' },
    }).map(([name, value]) => [name, fromPlain(value)]),
  );
  known = { functions, variables };
  return known;
}

let known: EvalContext | undefined;

function wordsOf({ severity, summary, detail, subject, suggestion }: HclDiagnostic): Said {
  const { line, column } = subject.start;
  return {
    severity,
    // As Kiln shows them.
    message: shortened(`${summary}: ${detail}${suggestion ?? ''}`),
    at: { file: subject.file, line, column },
  };
}

let folder: string | undefined;

async function readPackerTemplate(file: string, text: string): Promise<Reading> {
  const { readPackerHcl } = await import('../../packages/kiln/src/dialects/packer/hcl/read-packer-hcl.ts');
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'kiln-fuzz-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  writeFileSync(join(folder, file), text);
  return readingOf(
    await readPackerHcl({
      file,
      cwd: folder,
      env,
      variables: {},
      variableFiles: [],
      only: [],
      except: [],
      fetchData: false,
      startedAt,
    }),
  );
}

function corpusIn(name: string, extension = ''): Corpus {
  const path = join(corpusFolder, name);
  const files = readdirSync(path).filter((file) => file.endsWith(extension));
  return corpusOf(files.sort().map((file) => readFileSync(join(path, file), 'utf8')));
}
