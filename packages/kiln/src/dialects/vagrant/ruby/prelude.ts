import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rubyTables } from '../settings/tables.ts';

/** The Ruby that an image holds besides Ruby itself: what Vagrantfiles are written in, and how they are read out. */
export function rubyPrelude(): string[] {
  const folder = fileURLToPath(new URL('./lib/', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.rb'));
  const tables = `Kiln::TABLES = JSON.parse(${literal(JSON.stringify(rubyTables()))}, symbolize_names: true)\n`;
  return files.sort().map((name) => {
    const source = readFileSync(`${folder}${name}`, 'utf8');
    const whole = evaluated(source, `/kiln/${name}`);
    // Everything after the first file builds on the tables.
    return name.startsWith('01_') ? `${whole}\n${tables}` : whole;
  });
}

/** Changes when an image that is made of these would be another one. */
export function preludeDigest(prelude: readonly string[], ruby: string): string {
  return hash('sha256', JSON.stringify([ruby, ...prelude]));
}

function evaluated(source: string, path: string): string {
  return `eval(${literal(source)}, TOPLEVEL_BINDING, ${literal(path)}, 1)`;
}

/** A text as Ruby writes it in quotes. */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
