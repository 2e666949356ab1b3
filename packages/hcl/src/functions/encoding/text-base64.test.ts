import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '../../values/json.ts';
import { evaluateText } from '../testing/evaluate.ts';

/** Texts and their bytes, as Python's codecs write them. */
const texts: readonly (readonly [encoding: string, text: string, base64: string])[] = [
  ['windows-1252', 'Ärger €5 – “ja”', 'xHJnZXIggDUgliCTamGU'],
  ['ISO-8859-1', 'Ärger ÿ', 'xHJnZXIg/w=='],
  ['latin1', '\x80\x9f', 'gJ8='],
  ['ISO-8859-2', 'Łódź', 'o/NkvA=='],
  ['ISO-8859-5', 'Привет', 'v+DY0tXi'],
  ['ISO-8859-7', 'Αθήνα', 'weje7eE='],
  ['ISO-8859-8', 'שלום', '+ezl7Q=='],
  ['ISO-8859-9', 'İstanbul ğ', '3XN0YW5idWwg8A=='],
  ['ISO-8859-15', '5 €', 'NSCk'],
  ['KOI8-R', 'Привет', '8NLJ18XU'],
  ['KOI8-U', 'Їжак', 't9bByw=='],
  ['IBM866', 'Привет', 'j+CooqXi'],
  ['macintosh', 'Ärger', 'gHJnZXI='],
  ['windows-874', 'ไทย', '5LfC'],
  ['windows-1250', 'Łódź', 'o/Nknw=='],
  ['windows-1251', 'Привет', 'z/Do4uXy'],
  ['windows-1256', 'سلام', '0+HH4w=='],
  ['Shift_JIS', '日本語ｶﾅ', 'k/qWe4zqtsU='],
  ['EUC-JP', '日本語ｶﾅ', 'xvzL3LjsjraOxQ=='],
  ['EUC-KR', '한국어', 'x9Gxub7u'],
  ['Big5', '中文十', 'pKSk5aRR'],
  ['GBK', '中文', '1tDOxA=='],
  ['GB18030', '中文😀é', '1tDOxJQ5/Daopg=='],
  ['UTF-16LE', 'é😀', '6QA92ADe'],
  ['UTF-16BE', 'é😀', 'AOnYPd4A'],
  ['utf-8', 'é😀', 'w6nwn5iA'],
  ['US-ASCII', 'abc', 'YWJj'],
];

function json(expression: string): string {
  const { value, error } = evaluateText(expression);
  assert.equal(error, undefined, expression);
  return encodeJson(value);
}

test('texts are written in an encoding, and read again', () => {
  for (const [encoding, text, base64] of texts) {
    const quoted = JSON.stringify(text);
    assert.equal(json(`textencodebase64(${quoted}, "${encoding}")`), JSON.stringify(base64), encoding);
    assert.equal(json(`textdecodebase64("${base64}", "${encoding}")`), quoted, encoding);
  }
});

test('UTF-16 without an order is written with a mark, and read by it', () => {
  assert.equal(json('textencodebase64("é", "UTF-16")'), '"/v8A6Q=="');
  assert.equal(json('textdecodebase64("/v8A6Q==", "UTF-16")'), '"é"');
  assert.equal(json('textdecodebase64("//7pAA==", "UTF-16")'), '"é"');
  assert.equal(json('textdecodebase64("AOk=", "UTF-16")'), '"é"');
});

test('what an encoding has not is an error', () => {
  const problems: readonly (readonly [string, RegExp])[] = [
    ['textencodebase64("é", "US-ASCII")', /has characters that US-ASCII has not/],
    ['textencodebase64("日", "ISO-8859-1")', /has characters that ISO-8859-1 has not/],
    ['textencodebase64("😀", "GBK")', /has characters that GBK has not/],
    ['textdecodebase64("gA==", "US-ASCII")', /stand for nothing in US-ASCII/],
    ['textdecodebase64("/w==", "UTF-8")', /stand for nothing in UTF-8/],
    ['textdecodebase64("AA", "UTF-8")', /not valid Base64/],
    ['textencodebase64("a", "EBCDIC-US")', /"EBCDIC-US" is not known here\. There are utf-8, /],
  ];
  for (const [expression, message] of problems) assert.match(evaluateText(expression).error ?? '', message);
});

test('base64gzip gives bytes that gzip reads, the same each time', async () => {
  const { gunzipSync } = await import('node:zlib');
  const base64 = JSON.parse(json('base64gzip("Hello ☃")')) as string;
  assert.equal(gunzipSync(Buffer.from(base64, 'base64')).toString('utf8'), 'Hello ☃');
  assert.equal(json('base64gzip("Hello ☃") == base64gzip("Hello ☃")'), 'true');
});
