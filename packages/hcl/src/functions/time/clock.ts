import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import type { FunctionHost } from '../host.ts';
import { textOf } from '../support/arguments.ts';
import { formatGoLayout, formatStrftime } from './go-layout.ts';
import { type Moment, momentOf } from './moment.ts';
import { formatRfc3339 } from './rfc3339.ts';

/** Functions that tell the time. */
export function clockFunctions(host: Pick<FunctionHost, 'now' | 'startedAt'>): readonly HclFunction[] {
  return [
    {
      name: 'timestamp',
      description: 'The time now, in UTC, as in RFC 3339.',
      parameters: [],
      examples: [{ call: 'length(timestamp())', gives: '20' }],
      impure: true,
      resultType: () => stringType,
      call: () => stringValue(formatRfc3339(momentOf(host.now()))),
    },
    legacy(
      host,
      'legacy_isotime',
      'a layout of Go, which shows 2006-01-02 15:04:05',
      'legacy_isotime("2006")',
      formatGoLayout,
    ),
    legacy(
      host,
      'legacy_strftime',
      'a format of strftime with the directives %a %A %b %B %d %H %I %L %m %M %p %S %y %Y %z %Z',
      'legacy_strftime("%Y")',
      formatStrftime,
    ),
  ];
}

/** These come from the older templates, where all that one run writes shows the same time. */
function legacy(
  host: Pick<FunctionHost, 'startedAt'>,
  name: string,
  format: string,
  example: string,
  write: (format: string, moment: Moment) => string,
): HclFunction {
  return {
    name,
    description: `The time at which the run started, in UTC, by ${format}; without one as in RFC 3339.`,
    parameters: [],
    rest: { name: 'format', type: stringType },
    examples: [
      { call: `length(${example})`, gives: '4' },
      { call: `length(${name}())`, gives: '20' },
    ],
    impure: true,
    resultType: () => stringType,
    call: (args) => {
      if (args.length > 1) throw new FunctionError('It takes one format at most.', 1);
      const moment = momentOf(host.startedAt);
      return stringValue(args[0] ? write(textOf(args[0]), moment) : formatRfc3339(moment));
    },
  };
}
