/** One step into a value. */
export type PathStep =
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'key'; readonly key: string }
  /** Some element of a set; they have no names. */
  | { readonly kind: 'element' };

/** The way from a value to something inside of it. Empty for the value itself. */
export type Path = readonly PathStep[];

/** As in an expression: `.disks[0].size`, `.tags["a b"]`; empty for the value itself. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('');
}

function formatStep(step: PathStep): string {
  switch (step.kind) {
    case 'attribute':
      return `.${step.name}`;
    case 'index':
      return `[${step.index}]`;
    case 'key':
      return `[${JSON.stringify(step.key)}]`;
    case 'element':
      return '[...]';
  }
}

/** As in a sentence: `attribute "disks": element 0: attribute "size"`; empty for the value itself. */
export function describePath(path: Path): string {
  return path.map(describeStep).join(': ');
}

function describeStep(step: PathStep): string {
  switch (step.kind) {
    case 'attribute':
      return `attribute ${JSON.stringify(step.name)}`;
    case 'index':
      return `element ${step.index}`;
    case 'key':
      return `element ${JSON.stringify(step.key)}`;
    case 'element':
      return 'an element';
  }
}
