import { GoComplex, type GoNumber } from './values.ts';

const decimal = '[0-9](?:_?[0-9])*';
const integerPattern =
  /^(?:0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;
const floatPattern = new RegExp(`^(?:${decimal}\\.?(?:${decimal})?|\\.${decimal})(?:[eE][+-]?${decimal})?$`);
const hexFloatPattern =
  /^0[xX]((?:_?[0-9a-fA-F])*)\.?((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)[pP]([+-]?[0-9](?:_?[0-9])*)$/;

/**
 * The value of a Go number literal: a bigint for an integer, a number for a float, or undefined when it is
 * not one. `1e3` is a float that may also be used as an integer, as in Go, where constants are untyped.
 */
export function parseNumber(literal: string): GoNumber | undefined {
  const negative = literal.startsWith('-');
  const body = /^[+-]/.test(literal) ? literal.slice(1) : literal;
  if (body.endsWith('i')) {
    const imaginary = parseNumber(body.slice(0, -1));
    if (imaginary === undefined || imaginary instanceof GoComplex) return undefined;
    return new GoComplex(0, negative ? -Number(imaginary) : Number(imaginary));
  }
  const magnitude = parseMagnitude(body);
  if (magnitude === undefined) return undefined;
  return negative ? -magnitude : magnitude;
}

function parseMagnitude(body: string): bigint | number | undefined {
  const plain = body.replaceAll('_', '');
  if (integerPattern.test(body)) {
    return BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  }
  const hex = hexFloatPattern.exec(body);
  if (hex && hex[1]!.length + hex[2]!.length > 0) {
    const fraction = hex[2]!.replaceAll('_', '');
    const digits = Number.parseInt(hex[1]!.replaceAll('_', '') + fraction, 16);
    return digits * 2 ** (Number(hex[3]!.replaceAll('_', '')) - 4 * fraction.length);
  }
  if (!floatPattern.test(body) || !/[.eE]/.test(body)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}
