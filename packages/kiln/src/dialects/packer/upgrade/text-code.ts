import { type Code, hclCode, hclTemplate, quoteHcl } from '@kiln/hcl';
import { cutAtActions, type GoOperand, type TextPart } from './go-action.ts';
import type { UpgradeNotes } from './upgrade-notes.ts';
import type { UpgradedValues } from './upgraded-values.ts';

export interface TextPlace {
  readonly values: UpgradedValues;
  readonly notes: UpgradeNotes;
  /** In provisioners and post-processors `build.ID` and its kin can be had. */
  readonly hasBuildValues?: true;
  /** Whether `env` may be called: where HCL2 has that function, or by way of a variable of its own. */
  readonly environment?: 'direct' | 'variable';
  /** In a source the name and the type of the build are known. */
  readonly build?: { readonly name: string; readonly type: string };
}

type Piece = string | Code;

/**
 * A text of a JSON template as HCL2 has it: calls that HCL2 has words for become expressions, and everything else in
 * `{{…}}` stays, for components render their texts in HCL2 too.
 */
export function upgradeText(text: string, place: TextPlace): string | Code {
  const pieces = joined(cutAtActions(text).flatMap((part) => piecesOf(part, place)));
  if (pieces.length === 0) return '';
  const [first] = pieces;
  // A reference alone needs no quotes around it.
  return pieces.length === 1 && first !== undefined ? first : hclTemplate(pieces);
}

function piecesOf(part: TextPart, place: TextPlace): readonly Piece[] {
  if (part.kind === 'text') return [part.text];
  const { build } = place;
  if (part.call?.kind === 'call' && part.call.args.length === 0 && build) {
    if (part.call.name === 'build_name') return [build.name];
    if (part.call.name === 'build_type') return [build.type];
  }
  const code = part.call && codeOf(part.call, place);
  return code === undefined ? withoutUser(part.source, place) : [hclCode(code)];
}

/** The expression of a call, or undefined where HCL2 has none. */
function codeOf(operand: GoOperand, place: TextPlace): string | undefined {
  if (operand.kind === 'constant') {
    return typeof operand.value === 'string' ? quoteHcl(operand.value) : String(operand.value);
  }
  const { name, args } = operand;
  const codes = args.map((arg) => codeOf(arg, place));
  if (!codes.every((code) => code !== undefined)) return undefined;
  const literals = args.map((arg) => (arg.kind === 'constant' ? arg.value : undefined));
  return convert(name, codes, literals, place);
}

function convert(
  name: string,
  args: readonly string[],
  literals: readonly (string | number | undefined)[],
  place: TextPlace,
): string | undefined {
  const { values, hasBuildValues } = place;
  const [first = '', second = '', third = '', fourth = ''] = args;
  const literal = literals[0];
  const shape = `${name}/${args.length}`;
  switch (shape) {
    case 'user/1':
      return typeof literal === 'string' ? values.reference(literal) : undefined;
    case 'timestamp/0':
      return values.timestamp();
    case 'isotime/0':
      return values.isotime(undefined);
    case 'isotime/1':
      return typeof literal === 'string' ? values.isotime(literal) : undefined;
    case 'strftime/1':
      return typeof literal === 'string' ? values.strftime(literal) : undefined;
    case 'uuid/0':
      return 'uuidv4()';
    case 'template_dir/0':
      return 'path.root';
    case 'pwd/0':
      return 'path.cwd';
    case 'packer_version/0':
      return 'packer.version';
    case 'build/1':
      return hasBuildValues && typeof literal === 'string' && /^[A-Za-z_]\w*$/.test(literal)
        ? `build.${literal}`
        : undefined;
    case 'env/1':
      return typeof literal === 'string' ? environment(literal, place) : undefined;
    case 'upper/1':
    case 'lower/1':
    case 'consul_key/1':
      return `${name}(${first})`;
    case 'vault/2':
    case 'aws_secretsmanager/2':
      return `${name}(${first}, ${second})`;
    case 'aws_secretsmanager/1':
      return `aws_secretsmanager(${first}, null)`;
    case 'replace_all/3':
      return `replace(${third}, ${first}, ${second})`;
    case 'replace/4':
      return literals[2] === -1 ? `replace(${fourth}, ${first}, ${second})` : undefined;
    case 'split/3':
      return `split(${second}, ${first})[${third}]`;
    default:
      return undefined;
  }
}

/** Only defaults of variables may ask for the environment, in JSON as in HCL2. */
function environment(name: string, { environment: kind, values }: TextPlace): string | undefined {
  if (kind === 'direct') return `env(${quoteHcl(name)})`;
  return kind === 'variable' ? values.environment(name) : undefined;
}

/**
 * An action that stays. HCL2 components know no `user`: its calls become constants that HCL2 puts in before the
 * component renders the text.
 */
function withoutUser(source: string, { values, notes }: TextPlace): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of source.matchAll(
    /\(\s*user\s+(?:"([^"\\]*)"|`([^`]*)`)\s*\)|\buser\s+(?:"([^"\\]*)"|`([^`]*)`)/g,
  )) {
    const name = match.slice(1).find((one) => one !== undefined) ?? '';
    pieces.push(`${source.slice(at, match.index)}"`, hclCode(values.reference(name)), '"');
    at = match.index + match[0].length;
  }
  if (at > 0) {
    notes.warn(
      `the variables in ${source} are put in as they are`,
      'a value with a quotation mark or a backslash in it would break the text',
    );
  }
  return [...pieces, source.slice(at)];
}

function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') result[result.length - 1] = last + piece;
    else if (piece !== '') result.push(piece);
  }
  return result;
}
