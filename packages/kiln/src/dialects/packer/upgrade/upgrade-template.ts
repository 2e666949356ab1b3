import { type BlockText, blockText } from '@kiln/hcl';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { readJson } from '../../../base/json/read-json.ts';
import { applyFixers } from '../fix/fix-template.ts';
import { isObject, type JsonObject, type JsonValue, plainValue, without } from '../fix/json-value.ts';
import { outlinePackerJson } from '../json/outline.ts';
import { type ComponentKind, type KnownPlugin, pluginOf } from '../known-plugins.ts';
import { Problems } from '../problems.ts';
import { annotations } from './annotations.ts';
import { componentBody, upgradeValue } from './component-body.ts';
import type { TextPlace } from './text-code.ts';
import { UpgradeNotes } from './upgrade-notes.ts';
import { nameSources, sourceReference, type UpgradedSource } from './upgraded-names.ts';
import { UpgradedValues } from './upgraded-values.ts';

export interface UpgradeInput {
  readonly file: string;
  readonly text: string;
  /** Explain in comments what the parts of the new template are. */
  readonly annotate: boolean;
}

export interface UpgradeResult {
  /** The template in HCL2; undefined when the JSON has mistakes. */
  readonly text: string | undefined;
  /** Mistakes, or what a person should look at. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Turns a Packer template in JSON into one in HCL2 that does the same: what `packer hcl2_upgrade`
 * (https://developer.hashicorp.com/packer/docs/commands/hcl2_upgrade) is for. What has another name or form today is
 * brought up to date on the way.
 */
export function upgradeTemplate({ file, text, annotate }: UpgradeInput): UpgradeResult {
  const { outline, diagnostics } = outlinePackerJson({ file, text });
  const value = outline && readJson(file, text, new Problems());
  const plain = value && plainValue(value);
  if (!isObject(plain)) return { text: undefined, diagnostics };
  const notes = new UpgradeNotes(file);
  const upgrade = new Upgrade(applyFixers(plain).template, notes, annotate);
  return { text: upgrade.text(), diagnostics: notes.problems.list() };
}

const cachePrefix = '_kiln:cache:';

class Upgrade {
  readonly #template: JsonObject;
  readonly #notes: UpgradeNotes;
  readonly #annotate: boolean;
  readonly #values: UpgradedValues;
  readonly #sources: readonly UpgradedSource[];

  constructor(template: JsonObject, notes: UpgradeNotes, annotate: boolean) {
    this.#template = template;
    this.#notes = notes;
    this.#annotate = annotate;
    this.#values = new UpgradedValues(template, notes);
    this.#sources = nameSources(this.#list('builders'), notes);
  }

  text(): string {
    const packer = this.#packerBlock();
    // Whatever these refer to is declared afterwards.
    const sources = this.#sourceBlocks();
    const build = this.#buildBlock();
    const locals = this.#values.localsText();
    const variables = this.#values.variableBlocks();
    const { sources: sourcesNote, variables: variablesNote } = annotations;
    return [
      this.#head(),
      packer && this.#block(packer, annotations.packer),
      ...variables.map((block, index) => this.#block(block, index === 0 ? variablesNote : undefined)),
      locals === '' ? undefined : this.#annotated(locals, annotations.locals),
      ...sources.map((block, index) => this.#block(block, index === 0 ? sourcesNote : undefined)),
      this.#block(build, annotations.build),
    ]
      .filter((part) => part !== undefined)
      .join('\n');
  }

  /**
   * Comments of the JSON template, which are values under names that begin with an underscore. Those that say something
   * of a provisioner to Kiln go there.
   */
  #head(): string | undefined {
    const comments = Object.entries(this.#template).flatMap(([key, value]) =>
      key.startsWith('_') && !key.startsWith(cachePrefix)
        ? [typeof value === 'string' ? value : JSON.stringify(value)]
        : [],
    );
    const all = [...(this.#annotate ? [annotations.file] : []), ...comments];
    return all.length === 0 ? undefined : commented(all.join('\n\n'));
  }

  #packerBlock(): BlockText | undefined {
    const plugins = this.#plugins();
    const wanted = this.#template['min_packer_version'];
    const required = typeof wanted === 'string' ? `>= ${wanted}` : undefined;
    if (plugins.length === 0 && required === undefined) return undefined;
    const block: BlockText = {
      type: 'required_plugins',
      attributes: Object.fromEntries(plugins.map(({ name, source }) => [name, { source, version: '~> 1' }])),
    };
    return {
      type: 'packer',
      attributes: { required_version: required },
      blocks: plugins.length > 0 ? [block] : [],
    };
  }

  #plugins(): readonly KnownPlugin[] {
    const uses: (readonly [ComponentKind, JsonValue | undefined])[] = [
      ...this.#list('builders').map((one) => ['builder', typeOf(one)] as const),
      ...this.#list('provisioners').map((one) => ['provisioner', typeOf(one)] as const),
      ['provisioner', typeOf(this.#template['error-cleanup-provisioner'])],
      ...this.#list('post-processors')
        .flatMap((one) => (Array.isArray(one) ? (one as readonly JsonValue[]) : [one]))
        .map((one) => ['post-processor', typeof one === 'string' ? one : typeOf(one)] as const),
    ];
    const found = uses.flatMap(([kind, type]) =>
      typeof type === 'string' ? (pluginOf(kind, type) ?? []) : [],
    );
    return [...new Set(found)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #sourceBlocks(): readonly BlockText[] {
    const builders = this.#list('builders').filter(isObject);
    return this.#sources.map(({ type, name, builderName }, index) => ({
      type: 'source',
      labels: [type, name],
      ...componentBody(without(builders[index]!, 'type', 'name'), {
        values: this.#values,
        notes: this.#notes,
        build: { name: builderName, type },
      }),
    }));
  }

  #buildBlock(): BlockText {
    const { description } = this.#template;
    const cleanup = this.#template['error-cleanup-provisioner'];
    return {
      type: 'build',
      attributes: {
        description: typeof description === 'string' && description !== '' ? description : undefined,
        sources: this.#sources.map(({ type, name }) => `source.${type}.${name}`),
      },
      blocks: [
        ...this.#list('provisioners').flatMap((one, index) =>
          isObject(one)
            ? [{ ...this.#component('provisioner', one), ...this.#cacheComment(one, index) }]
            : [],
        ),
        ...(isObject(cleanup) ? [this.#component('error-cleanup-provisioner', cleanup)] : []),
        ...this.#list('post-processors').map((one) => this.#chain(one)),
      ],
    };
  }

  #cacheComment({ type }: JsonObject, index: number): { readonly comment?: string } {
    const said =
      this.#template[`${cachePrefix}${index + 1}`] ?? this.#template[`${cachePrefix}${String(type)}`];
    if (said === undefined) return {};
    return { comment: `kiln:cache${/^(?:true|false)$/.test(String(said)) ? '=' : ' '}${String(said)}` };
  }

  #chain(value: JsonValue): BlockText {
    if (!Array.isArray(value)) return this.#postProcessor(value);
    const chain = value.map((one: JsonValue) => this.#postProcessor(one));
    return chain.length === 1 ? chain[0]! : { type: 'post-processors', blocks: chain };
  }

  #postProcessor(value: JsonValue): BlockText {
    return this.#component('post-processor', isObject(value) ? value : { type: value });
  }

  #component(kind: string, { type, only, except, override, ...options }: JsonObject): BlockText {
    const place: TextPlace = { values: this.#values, notes: this.#notes, hasBuildValues: true };
    const body = componentBody(
      kind === 'post-processor' && override !== undefined ? { ...options, override } : options,
      place,
    );
    const attributes = {
      only: this.#references(only),
      except: this.#references(except),
      ...body.attributes,
      ...(kind !== 'post-processor' &&
        override !== undefined && { override: this.#override(override, place) }),
    };
    return { type: kind, labels: [String(type)], attributes, blocks: body.blocks };
  }

  #references(value: JsonValue | undefined): readonly string[] | undefined {
    if (value === undefined || value === null) return undefined;
    const names = Array.isArray(value) ? value : [value];
    return names.map((name: JsonValue) => sourceReference(String(name), this.#sources));
  }

  /** Overrides go by the sources' own names. */
  #override(value: JsonValue, place: TextPlace) {
    if (!isObject(value)) return upgradeValue(value, place);
    const entries = Object.entries(value).map(([builderName, options]) => {
      const source = this.#sources.find((one) => one.builderName === builderName);
      return [source?.name ?? builderName, upgradeValue(options, place)] as const;
    });
    return Object.fromEntries(entries);
  }

  #list(key: string): readonly JsonValue[] {
    const value = this.#template[key];
    return Array.isArray(value) ? value : [];
  }

  #block(block: BlockText, note: string | undefined): string {
    return this.#annotated(blockText(block), note);
  }

  #annotated(text: string, note: string | undefined): string {
    return this.#annotate && note !== undefined ? `${commented(note)}${text}` : text;
  }
}

function typeOf(value: JsonValue | undefined): JsonValue | undefined {
  return isObject(value) ? value['type'] : undefined;
}

function commented(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `${`# ${line}`.trimEnd()}\n`)
    .join('');
}
