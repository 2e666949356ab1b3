import { stringType } from '../../values/type.ts';
import { sensitiveMark, stringValue, type Value, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { SecretError, type SecretHost } from '../host.ts';
import { textOf } from '../support/arguments.ts';

const name = { name: 'name', type: stringType };

/** Functions that fetch secrets. Their results are sensitive. */
export function secretFunctions(secrets: SecretHost): readonly HclFunction[] {
  return [
    {
      name: 'vault',
      description:
        'A field of a secret in Vault, at the address VAULT_ADDR, with the token VAULT_TOKEN, and the namespace ' +
        'VAULT_NAMESPACE if it is set.',
      parameters: [
        { name: 'path', type: stringType },
        { name: 'key', type: stringType },
      ],
      examples: [{ call: 'vault("secret/data/hello", "foo")', gives: '"bar"' }],
      resultType: () => stringType,
      call: ([path, key]) => secret(() => secrets.vault(textOf(path), textOf(key))),
    },
    {
      name: 'consul_key',
      description:
        'The value of a key in Consul, at the address CONSUL_HTTP_ADDR, with the token CONSUL_HTTP_TOKEN.',
      parameters: [{ name: 'key', type: stringType }],
      examples: [{ call: 'consul_key("myservice/version")', gives: '"1.2.3"' }],
      resultType: () => stringType,
      call: ([key]) => secret(() => secrets.consulKey(textOf(key))),
    },
    {
      name: 'aws_secretsmanager',
      description:
        'A field of a secret in AWS Secrets Manager, with the usual environment variables and files of AWS. With null ' +
        'for the key it is the only field.',
      parameters: [name, { name: 'key', type: stringType, allowNull: true }],
      examples: [{ call: 'aws_secretsmanager("sample/app/password", "password")', gives: '"hunter2"' }],
      resultType: () => stringType,
      call: ([value, key]) => {
        return secret(() =>
          secrets.awsSecret(textOf(value), key!.kind === 'string' ? key!.value : undefined),
        );
      },
    },
    {
      name: 'aws_secretsmanager_raw',
      description: 'The whole text of a secret in AWS Secrets Manager.',
      parameters: [name],
      examples: [
        { call: 'jsondecode(aws_secretsmanager_raw("sample/app/password")).password', gives: '"hunter2"' },
      ],
      resultType: () => stringType,
      call: ([value]) => secret(() => secrets.awsSecretRaw(textOf(value))),
    },
  ];
}

function secret(fetch: () => string): Value {
  try {
    return withMarks(stringValue(fetch()), new Set([sensitiveMark]));
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new FunctionError(error.message);
  }
}
