import type { BodySchema, Type, Value } from '@kiln/hcl';
import { didYouMean } from '../../../../base/suggest.ts';
import { httpDataSource } from './http.ts';
import { nullDataSource } from './null.ts';

/** A kind of data source. */
export interface DataSource {
  readonly schema: BodySchema;
  /** The type of what it gives. */
  readonly resultType: Type;
  /** Reads the settings. Undefined after a mistake that was reported. */
  readonly prepare: (settings: DataSettings) => (() => Promise<Value>) | undefined;
}

/** What a block `data` says. */
export interface DataSettings {
  /** The value of a setting as one of a type. Undefined when it is left out or null, and after a mistake. */
  readonly value: (name: string, type: Type) => Value | undefined;
  readonly error: (name: string | undefined, message: string, hint?: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const kinds: Readonly<Record<string, DataSource>> = { http: httpDataSource, null: nullDataSource };

/** A kind of data source by its type, or undefined when Kiln does not have it. */
export function dataSource(type: string): DataSource | undefined {
  return Object.hasOwn(kinds, type) ? kinds[type] : undefined;
}

export function unknownDataSource(type: string): { message: string; hint: string } {
  const types = Object.keys(kinds);
  return {
    message: `Kiln does not have the data source "${type}" yet`,
    hint: didYouMean(type, types) ?? `it has ${types.join(', ')}`,
  };
}
