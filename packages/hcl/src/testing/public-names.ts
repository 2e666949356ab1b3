import { readFileSync } from 'node:fs';

/** The names of values and types that a module exports, sorted, with those that it hands on from other modules. */
export function publicNames(module: URL): string[] {
  return [...new Set(exported(module))].sort();
}

const statement = /^export (?:type )?(?:\{([^}]*)\}|\*)(?: from '([^']+)')?;/gm;
const declaration = /^export (?:abstract |async )?(?:class|const|function\*?|interface|let|type) ([\w$]+)/gm;

function exported(module: URL): string[] {
  const text = readFileSync(module, 'utf8');
  const own = [...text.matchAll(declaration)].map(([, name]) => name!);
  const handedOn = [...text.matchAll(statement)].flatMap(([, list, from]) => {
    if (list === undefined) return exported(new URL(from!, module));
    const names = list.split(',').map((name) => name.trim());
    return names
      .filter((name) => name !== '')
      .map((name) => name.replace(/^type /, '').replace(/^.* as /, ''));
  });
  return [...own, ...handedOn];
}
