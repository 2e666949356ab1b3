import { dynamicType, type ListType, listType, objectType, stringType } from '../../values/type.ts';
import { listValue, objectValue, stringValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkItemCount } from '../support/limits.ts';
import { CsvError, parseCsv } from './parse-csv.ts';

export const csvdecode: HclFunction = {
  name: 'csvdecode',
  description:
    'A list of objects, one for each line of comma-separated values; the first line names the attributes.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [
    {
      call: 'csvdecode("a,b\\n1,2\\n\\"x, y\\",")',
      gives: '[{ a = "1", b = "2" }, { a = "x, y", b = "" }]',
      loose: true,
    },
  ],
  resultType: ([str]) => {
    if (str!.kind === 'unknown') return dynamicType;
    const [header] = records(textOf(str));
    if (!header) throw new FunctionError('There is no first line that names the columns.', 0);
    const twice = header.find((name, index) => header.indexOf(name) !== index);
    if (twice !== undefined) throw new FunctionError(`There are two columns of the name "${twice}".`, 0);
    return listType(objectType(header.map((name) => [name, stringType])));
  },
  call: ([str], type) => {
    const [header, ...rows] = records(textOf(str));
    const objects = rows.map((row, index) => {
      if (row.length !== header!.length) {
        throw new FunctionError(
          `Record ${index + 2} has ${row.length} fields, but the first line names ${header!.length} columns.`,
          0,
        );
      }
      return objectValue(row.map((field, column) => [header![column]!, stringValue(field)]));
    });
    return listValue((type as ListType).element, objects);
  },
};

function records(text: string): string[][] {
  try {
    const all = parseCsv(text);
    checkItemCount(all.length * (all[0]?.length ?? 0));
    return all;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new FunctionError(`Line ${error.line} is not valid CSV: ${error.message}.`, 0);
  }
}
