import { createHash } from 'node:crypto';
import { shellQuote } from '../../../guests/shell-quote.ts';
import type { ProfileScript, ScriptPoint } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { command } from '../script-builder.ts';
import { fileLibrary } from '../shell/files.ts';
import { scriptLibrary } from '../shell/scripts.ts';
import { compileFirstBoot } from './first-boot.ts';

/** The scripts of one point, in order. Gives back their numbers. */
export async function compileScripts(
  scripts: readonly ProfileScript[],
  at: ScriptPoint,
  context: CompileContext,
): Promise<readonly number[]> {
  const wanted = scripts.filter((one) => one.at === at);
  if (wanted.length === 0) return [];
  context.script.use(fileLibrary);
  context.script.use(scriptLibrary);
  if (at === 'first-boot') return await compileFirstBoot(wanted, context);
  const numbers: number[] = [];
  for (const one of wanted) numbers.push(await compileScript(one, context));
  return numbers;
}

async function compileScript(
  { name, run, unless, creates, always }: ProfileScript,
  { script, contents }: CompileContext,
): Promise<number> {
  const { id } = await contents.add({ kind: 'text', text: run });
  const interpreter = interpreterOf(run);
  const resource = { kind: 'script', name } as const;
  if (always) return script.resource(resource, [command('always', id, ...interpreter)]);
  const condition =
    unless === undefined ? '' : (await contents.add({ kind: 'text', text: `${unless}\n` })).id;
  return script.resource(resource, [command('script', id, condition, creates ?? '', ...interpreter)]);
}

/** What a script's first line says should run it, as the kernel reads it: a program and at most one argument. */
export function interpreterOf(script: string): readonly string[] {
  const match = /^#![ \t]*(\S+)(?:[ \t]+(.*\S))?[ \t]*(?:\r?\n|$)/.exec(script);
  if (!match) return ['/bin/sh', '-e'];
  return match[2] === undefined ? [match[1]!] : [match[1]!, match[2]];
}

/** A program that does what a script asks for, where there is nothing else of Kiln. */
export function standalone({ name, run, unless, creates }: ProfileScript): string {
  const words = interpreterOf(run).map(shellQuote).join(' ');
  const lines = run.endsWith('\n') ? run : `${run}\n`;
  let delimiter = 'END';
  while (lines.split('\n').includes(delimiter)) delimiter += '_';
  const tests = [
    ...(creates === undefined ? [] : [`[ ! -e ${shellQuote(creates)} ] || exit 0`]),
    ...(unless === undefined ? [] : [`! /bin/sh -c ${shellQuote(unless)} >/dev/null 2>&1 || exit 0`]),
  ];
  return `#!/bin/sh
# ${name.replace(/\s+/g, ' ')}
set -u
${tests.map((test) => `${test}\n`).join('')}umask 077
script=$(mktemp) || exit 1
trap 'rm -f "$script"' EXIT
cat >"$script" <<'${delimiter}'
${lines}${delimiter}
umask 022
cd /root 2>/dev/null || cd /
${words} "$script"
`;
}

/** A file name that tells a script from others, and from what it was before. */
export function scriptFileName(script: ProfileScript, position: number): string {
  const slug = script.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const digest = createHash('sha256').update(standalone(script)).digest('hex').slice(0, 8);
  return [String(position + 1).padStart(2, '0'), slug, digest].filter(Boolean).join('-');
}
