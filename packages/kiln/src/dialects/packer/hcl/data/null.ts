import { objectType, objectValue, stringType, stringValue } from '@kiln/hcl';
import type { DataSource } from './data-source.ts';

/** Packer's data source null: gives back what it is given. */
export const nullDataSource: DataSource = {
  schema: { attributes: [{ name: 'input', required: true }] },
  resultType: objectType([['output', stringType]]),
  prepare: ({ value }) => {
    const input = value('input', stringType) ?? stringValue('');
    return () => Promise.resolve(objectValue([['output', input]]));
  },
};
