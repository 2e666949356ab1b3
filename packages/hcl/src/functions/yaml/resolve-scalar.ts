import { BigFloat } from '../../values/big-float.ts';
import { parseBigFloat } from '../../values/big-float-text.ts';
import { dynamicType } from '../../values/type.ts';
import { boolValue, nullValue, numberValue, stringValue, type Value } from '../../values/value.ts';
import { decodeBase64 } from '../encoding/bytes.ts';
import { parseYamlTimestamp } from './yaml-timestamp.ts';

/** A text is not the YAML that it should be. */
export class YamlDecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlDecodeError';
  }
}

export const yamlTag = 'tag:yaml.org,2002:';

const truths = 'y Y yes Yes YES true True TRUE on On ON'.split(' ');
const untruths = 'n N no No NO false False FALSE off Off OFF'.split(' ');
const infinity = numberValue(BigFloat.positiveInfinity);
const words: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...truths.map((word) => [word, boolValue(true)] as const),
  ...untruths.map((word) => [word, boolValue(false)] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, nullValue(dynamicType)] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, numberValue(BigFloat.negativeInfinity)] as const),
]);

/**
 * What a scalar stands for: by its tag, or, if it is plain, by what it looks like. The words of YAML 1.1 such as `yes`
 * count, and so do underscores in numbers; times become texts as in RFC 3339; hexadecimal and octal numbers are texts
 * unless they have the tag `!!int`.
 * @param tag In full; undefined without one.
 * @throws YamlDecodeError
 */
export function resolveScalar(source: string, tag: string | undefined, isQuoted: boolean): Value {
  const short = tag?.startsWith(yamlTag) ? tag.slice(yamlTag.length) : tag;
  if (short === undefined) return isQuoted ? stringValue(source) : resolvePlain(source);
  switch (short) {
    case 'str':
      return stringValue(source);
    case 'binary':
      // The language has no bytes, so they stay in Base64.
      if (decodeBase64(source)) return stringValue(source);
      break;
    case 'null':
      return nullValue(dynamicType);
    case 'bool':
    case 'int':
    case 'float':
    case 'timestamp': {
      if (isQuoted) return stringValue(source);
      const value = resolveTagged(source, short);
      if (value) return value;
      break;
    }
    default:
      throw new YamlDecodeError(`the tag ${tag} is not supported`);
  }
  throw new YamlDecodeError(`"${source}" is not what its tag !!${short} says`);
}

function resolvePlain(source: string): Value {
  const word = words.get(source);
  if (word) return word;
  if (source === '.nan' || source === '.NaN' || source === '.NAN') {
    throw new YamlDecodeError('there are no numbers that are not a number (NaN)');
  }
  if (!/^[-+.\d]/.test(source)) return stringValue(source);
  const time = parseYamlTimestamp(source);
  if (time !== undefined) return stringValue(time);
  const number = numberOf(source[0] === '.' ? source : source.replaceAll('_', '')) ?? binaryNumber(source);
  return number ? numberValue(number) : stringValue(source);
}

function resolveTagged(source: string, tag: 'bool' | 'int' | 'float' | 'timestamp'): Value | undefined {
  const word = words.get(source);
  if (word) return word;
  if (tag === 'bool') return undefined;
  if (tag === 'timestamp') {
    const time = parseYamlTimestamp(source);
    return time === undefined ? undefined : stringValue(time);
  }
  const number = numberOf(source.replaceAll('_', '')) ?? binaryNumber(source) ?? prefixedNumber(source);
  return number && numberValue(number);
}

function numberOf(source: string): BigFloat | undefined {
  const number = parseBigFloat(source);
  return typeof number === 'object' ? number : undefined;
}

function binaryNumber(source: string): BigFloat | undefined {
  const match = /^(-?)0b([01]{1,64})$/.exec(source.replaceAll('_', ''));
  return match ? BigFloat.integer(signed(match[1]!, `0b${match[2]}`)) : undefined;
}

function prefixedNumber(source: string): BigFloat | undefined {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]{1,16}|0[oO][0-7]{1,22})$/.exec(source.replaceAll('_', ''));
  return match ? BigFloat.integer(signed(match[1]!, match[2]!)) : undefined;
}

function signed(sign: string, digits: string): bigint {
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}
