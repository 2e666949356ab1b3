import type { Case } from './case.ts';

/** `try`, `can` and `convert`. */
export const typeCases: readonly Case[] = [
  ['try(1,2)', 'number', '1'],
  ['try([][0],"x")', 'string', '"x"'],
  ['try()', 'error'],
  ['try([][0])', 'error'],
  ['try(unknown_string,"x")', 'unknown', 'any'],
  ['try({a=1}.b,null)', 'any', 'null'],
  ['can(1)', 'bool', 'true'],
  ['can([][0])', 'bool', 'false'],
  ['can(unknown_string)', 'unknown', 'bool'],
  ['can({a=1}.b)', 'bool', 'false'],
  ['can(x)', 'bool', 'false'],
  ['convert("5",number)', 'number', '5'],
  ['convert("x",number)', 'error'],
  ['convert(null,string)', 'string', 'null'],
  ['convert(["a",1],list(string))', 'list(string)', '["a","1"]'],
  ['convert({a="1"},object({a=number}))', 'object({a=number})', '{"a":1}'],
  ['convert({a="1"},map(number))', 'map(number)', '{"a":1}'],
  ['convert([1,1,2],set(number))', 'set(number)', '[1,2]'],
  ['convert("true",bool)', 'bool', 'true'],
  ['convert(true,string)', 'string', '"true"'],
  ['convert(unknown_any,string)', 'unknown', 'string'],
  ['convert([1,"a"],list(any))', 'list(string)', '["1","a"]'],
  ['convert(1,"string")', 'error'],
];
