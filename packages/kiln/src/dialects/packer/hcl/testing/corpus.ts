import type { ProjectFiles } from './projects.ts';

/** A template that Packer 1.6.6 and Kiln are both asked about. */
export interface CorpusCase {
  readonly name: string;
  readonly files: ProjectFiles;
  /** What the command line names, when it is neither the only file nor the folder of all. */
  readonly target?: string;
  /** Whether Kiln takes it for right. */
  readonly isRight: boolean;
  /** Why Packer 1.6.6 says otherwise. */
  readonly packerDiffers?: string;
  /** Why `inspect` of Packer 1.6.6 shows something else. */
  readonly reportDiffers?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly variableFiles?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** The template is built too, and makes these files alike. */
  readonly makes?: readonly string[];
}

const none = 'source "null" "a" {\n  communicator = "none"\n}\n';

function build(content = '', outside = ''): string {
  return `${none}${outside}\nbuild {\n  sources = ["null.a"]\n${content}\n}\n`;
}

function shellLocal(line: string, more = ''): string {
  return `  provisioner "shell-local" {\n    inline = [${line}]\n${more}\n  }`;
}

/** Writes a text into a file of the working folder, as what a build makes. */
function writing(text: string, more = ''): string {
  return shellLocal(`"cat > out.txt <<'END'\\n${text}\\nEND"`, more);
}

const newer = 'newer than Packer 1.6.6';

export const corpus: readonly CorpusCase[] = [
  { name: 'least', files: build(), isRight: true },
  {
    name: 'nothing',
    files: '',
    isRight: false,
    packerDiffers: 'Packer 1.6.6 takes a template without builds for right',
  },
  {
    name: 'no-build',
    files: none,
    isRight: false,
    packerDiffers: 'Packer 1.6.6 takes a template without builds for right',
  },
  { name: 'syntax', files: `${none}build {`, isRight: false },
  { name: 'unknown-root-block', files: build('', 'sauce "x" "y" {}'), isRight: false },
  { name: 'unknown-root-attribute', files: build('', 'x = 1'), isRight: false },
  { name: 'missing-label', files: 'source "null" {\n}\nbuild {\n sources = ["null.a"]\n}', isRight: false },
  { name: 'too-many-labels', files: build('provisioner "sleep" "x" {}'), isRight: false },
  { name: 'duplicate-attribute', files: build('name = "a"\nname = "b"'), isRight: false },
  { name: 'duplicate-source', files: build('', none), isRight: false },
  { name: 'unknown-source', files: `${none}build {\n sources = ["null.b"]\n}`, isRight: false },
  {
    name: 'no-source',
    files: `${none}build {\n}`,
    isRight: false,
    packerDiffers: 'Packer 1.6.6 takes a build without sources for right',
  },
  {
    name: 'three-part-reference',
    files: `${none}build {\n sources = ["source.null.a", "sources.null.a"]\n}`,
    isRight: true,
  },
  { name: 'bad-reference', files: `${none}build {\n sources = ["null"]\n}`, isRight: false },
  {
    name: 'unknown-builder',
    files: 'source "nul" "a" {\n}\nbuild {\n sources = ["nul.a"]\n}',
    isRight: false,
  },
  {
    name: 'unknown-builder-unused',
    files: build('', 'source "nul" "b" {\n}'),
    isRight: true,
    packerDiffers: 'Packer 1.6.6 looks at sources that nothing uses; since 1.7 it does not',
  },
  { name: 'unknown-provisioner', files: build('provisioner "shel" {}'), isRight: false },
  { name: 'unknown-post-processor', files: build('post-processor "manifes" {}'), isRight: false },
  { name: 'unknown-option', files: build('provisioner "shell-local" {\n inlin = ["x"]\n}'), isRight: false },
  { name: 'wrong-type', files: build('provisioner "shell-local" {\n inline = "x"\n}'), isRight: false },
  { name: 'mixed-list', files: build(shellLocal('"x", 1, true')), isRight: true },
  { name: 'null-in-list', files: build(shellLocal('"x", null')), isRight: false },
  { name: 'null-option', files: build(shellLocal('"x"', 'only_on = null')), isRight: true },
  {
    name: 'boolean-text',
    files: build('provisioner "shell" {\n inline = ["x"]\n binary = "true"\n}'),
    isRight: true,
  },
  {
    name: 'boolean-number',
    files: build('provisioner "shell" {\n inline = ["x"]\n binary = 1\n}'),
    isRight: false,
  },
  {
    name: 'fractional-code',
    files: build('provisioner "shell" {\n inline = ["x"]\n valid_exit_codes = [1.5]\n}'),
    isRight: false,
  },
  {
    name: 'attribute-as-block',
    files: build('provisioner "shell" {\n inline = ["x"]\n environment_vars {\n }\n}'),
    isRight: false,
  },
  {
    name: 'block-as-attribute',
    files: `source "qemu" "a" {
  iso_url = "x"
  iso_checksum = "none"
  ssh_username = "r"
  qemuargs = [["-m", "1"]]
}
build {
  sources = ["qemu.a"]
}`,
    isRight: true,
  },
  {
    name: 'qemu-wrong-disk-size',
    files: `source "qemu" "a" {
  iso_url = "x"
  iso_checksum = "none"
  ssh_username = "r"
  disk_size = "10X"
}
build {
  sources = ["qemu.a"]
}`,
    isRight: false,
  },
  {
    name: 'only-and-except',
    files: build(shellLocal('"x"', 'only = ["null.a"]\nexcept = ["null.b"]')),
    isRight: false,
  },
  { name: 'only-nobody', files: build(shellLocal('"x"', 'only = ["null.x"]')), isRight: true },
  { name: 'retries-text', files: build(shellLocal('"x"', 'max_retries = "x"')), isRight: false },
  { name: 'timeout-without-unit', files: build(shellLocal('"x"', 'timeout = "5"')), isRight: false },
  {
    name: 'override-unknown-option',
    files: build(shellLocal('"x"', 'override = { a = { inlin = ["y"] } }')),
    isRight: false,
  },
  {
    name: 'override-nobody',
    files: build(shellLocal('"x"', 'override = { b = { inlin = ["y"] } }')),
    isRight: true,
  },
  {
    name: 'override-lone',
    files: build(shellLocal('"x"', 'override = { a = { inline = "y" } }')),
    isRight: true,
  },
  { name: 'nested-chains', files: build('post-processors {\n post-processors {\n }\n}'), isRight: false },
  { name: 'empty-chain', files: build('post-processors {\n}'), isRight: true },
  {
    name: 'keep-text',
    files: build('post-processor "manifest" {\n keep_input_artifact = "true"\n}'),
    isRight: true,
  },
  {
    name: 'custom-data-list',
    files: build('post-processor "manifest" {\n custom_data = { a = ["x"] }\n}'),
    isRight: false,
  },

  { name: 'variable-without-value', files: build('', 'variable "x" {}'), isRight: false },
  { name: 'variable-null', files: build('', 'variable "x" {\n default = null\n}'), isRight: true },
  { name: 'variable-given', files: build('', 'variable "x" {}'), variables: { x: '1' }, isRight: true },
  { name: 'variable-undeclared', files: build(), variables: { x: '1' }, isRight: false },
  { name: 'variable-env-undeclared', files: build(), env: { PKR_VAR_x: '1' }, isRight: true },
  {
    name: 'variable-duplicate',
    files: build('', 'variable "x" {\n default = 1\n}\nvariables {\n x = 1\n}'),
    isRight: false,
  },
  {
    name: 'variable-wrong-default',
    files: build('', 'variable "x" {\n type = number\n default = "a"\n}'),
    isRight: false,
  },
  {
    name: 'variable-refers',
    files: build('', 'variable "x" {\n default = var.y\n}\nvariable "y" {\n default = 1\n}'),
    isRight: false,
  },
  {
    name: 'variable-default-function',
    files: build('', 'variable "x" {\n default = upper("x")\n}'),
    isRight: false,
  },
  {
    name: 'variable-default-env',
    files: build('', 'variable "x" {\n default = env("GREETING")\n}'),
    env: { GREETING: 'hi' },
    isRight: true,
  },
  { name: 'env-elsewhere', files: build('', 'locals {\n x = env("HOME")\n}'), isRight: false },
  {
    name: 'variable-bool-word',
    files: build('', 'variable "x" {\n type = bool\n}'),
    variables: { x: 'yes' },
    isRight: false,
  },
  {
    name: 'variable-list-text',
    files: build('', 'variable "x" {\n type = list(string)\n}'),
    variables: { x: '["a"]' },
    isRight: true,
  },
  {
    name: 'variable-bad-type',
    files: build('', 'variable "x" {\n type = strng\n default = "a"\n}'),
    isRight: false,
  },
  {
    name: 'variable-file',
    files: { 'a.pkr.hcl': build('', 'variable "x" {}'), 'v.pkrvars.hcl': 'x = 1\nother = 2' },
    variableFiles: ['v.pkrvars.hcl'],
    isRight: true,
  },
  {
    name: 'variable-file-block',
    files: { 'a.pkr.hcl': build('', 'variable "x" {}'), 'v.pkrvars.hcl': 'variable "x" {}' },
    variableFiles: ['v.pkrvars.hcl'],
    isRight: false,
  },
  {
    name: 'variable-file-expression',
    files: { 'a.pkr.hcl': build('', 'variable "x" {}'), 'v.pkrvars.hcl': 'x = var.y' },
    variableFiles: ['v.pkrvars.hcl'],
    isRight: false,
  },
  {
    name: 'optional-attribute',
    files: build('', 'variable "x" {\n type = object({ a = optional(string, "q") })\n default = {}\n}'),
    isRight: true,
    packerDiffers: newer,
  },
  {
    name: 'validation-kept',
    files: build(
      '',
      'variable "x" {\n default = 5\n validation {\n condition = var.x > 3\n error_message = "Too small."\n }\n}',
    ),
    isRight: true,
  },
  {
    name: 'validation-broken',
    files: build(
      '',
      'variable "x" {\n default = 1\n validation {\n condition = var.x > 3\n error_message = "Too small."\n }\n}',
    ),
    isRight: false,
  },
  {
    name: 'validation-message',
    files: build(
      '',
      'variable "x" {\n default = 5\n validation {\n condition = var.x > 3\n error_message = "too small"\n }\n}',
    ),
    isRight: false,
  },
  {
    name: 'validation-other',
    files: build(
      '',
      'variable "y" {\n default = 1\n}\nvariable "x" {\n default = 5\n validation {\n condition = var.y > 3\n error_message = "Too small."\n }\n}',
    ),
    isRight: false,
  },

  {
    name: 'local-block',
    files: build('', 'local "x" {\n expression = 1\n}'),
    isRight: true,
    packerDiffers: newer,
  },
  { name: 'local-unknown', files: build('', 'locals {\n x = local.y\n}'), isRight: false },
  { name: 'local-circle', files: build('', 'locals {\n x = local.y\n y = local.x\n}'), isRight: false },
  {
    name: 'local-duplicate',
    files: build('', 'locals {\n x = 1\n}\nlocals {\n x = 2\n}'),
    isRight: false,
    packerDiffers: 'Packer 1.6.6 takes one of the two',
  },
  {
    name: 'data',
    files: build('', 'data "null" "x" {\n input = "y"\n}'),
    isRight: true,
    packerDiffers: newer,
  },
  {
    name: 'error-cleanup',
    files: build('error-cleanup-provisioner "shell-local" {\n inline = ["x"]\n}'),
    isRight: true,
    packerDiffers: newer,
  },
  {
    name: 'continue-on-error',
    files: build(shellLocal('"x"', 'continue_on_error = true')),
    isRight: true,
    packerDiffers: newer,
  },
  {
    name: 'required-version',
    files: build('', 'packer {\n required_version = ">= 1.6.0"\n}'),
    isRight: true,
  },
  {
    name: 'required-version-newer',
    files: build('', 'packer {\n required_version = ">= 9.0.0"\n}'),
    isRight: false,
  },
  {
    name: 'required-version-wrong',
    files: build('', 'packer {\n required_version = "new"\n}'),
    isRight: false,
  },
  {
    name: 'required-plugins',
    files: build(
      '',
      'packer {\n required_plugins {\n qemu = {\n version = ">= 1.0.0"\n source = "github.com/hashicorp/qemu"\n }\n }\n}',
    ),
    isRight: true,
    packerDiffers: newer,
  },
  { name: 'unknown-function', files: build(shellLocal('uper("x")')), isRight: false },
  { name: 'unknown-variable', files: build(shellLocal('var.x')), isRight: false },
  { name: 'unknown-build-value', files: build(shellLocal('build.Nope')), isRight: false },
  { name: 'go-template-function', files: build(shellLocal('"{{ nope }}"')), isRight: false },
  { name: 'go-template-syntax', files: build(shellLocal('"{{ upper"')), isRight: false },
  { name: 'communicator-block', files: build('', 'communicator "ssh" "x" {\n}'), isRight: true },
  {
    name: 'dynamic-provisioner',
    files: build(
      'dynamic "provisioner" {\n for_each = ["a", "b"]\n labels = ["shell-local"]\n content {\n inline = ["echo ${provisioner.value}"]\n }\n}',
    ),
    isRight: true,
  },
  {
    name: 'dynamic-without-collection',
    files: build('dynamic "provisioner" {\n labels = ["shell-local"]\n content {\n inline = ["x"]\n }\n}'),
    isRight: false,
  },
  {
    name: 'dynamic-root',
    files: build(
      '',
      'dynamic "variable" {\n for_each = ["x"]\n labels = ["y"]\n content {\n default = 1\n }\n}',
    ),
    isRight: false,
  },
  { name: 'only-matches', files: build(), only: ['null.*'], isRight: true },
  {
    name: 'except-everything',
    files: build(),
    except: ['*'],
    isRight: false,
    packerDiffers: 'Packer takes it for right that nothing is left to build',
  },
  { name: 'bad-json', files: { 'a.pkr.json': '{"build": ' }, isRight: false },
  {
    name: 'json',
    files: {
      'a.pkr.json':
        '{"source": {"null": {"a": {"communicator": "none"}}}, "build": {"sources": ["null.a"], "provisioner": {"shell-local": {"inline": ["echo ${upper(\\"x\\")}"]}}}}',
    },
    isRight: true,
  },
  {
    name: 'json-unknown-option',
    files: {
      'a.pkr.json': '{"source": {"null": {"a": {"communicatr": "none"}}}, "build": {"sources": ["null.a"]}}',
    },
    isRight: false,
  },

  {
    name: 'made-of-variables',
    files: build(
      writing(
        '${var.s} ${var.n} ${var.b} ${join(",", var.l)} ${var.m["k"]} ${var.o.a[0]} ${local.up} ${local.sum}',
      ),
      `variable "s" {
  default = "text"
}
variable "n" {
  type    = number
  default = 1.50
}
variable "b" {
  default = true
}
variable "l" {
  type    = list(string)
  default = ["x", "y"]
}
variable "m" {
  type    = map(string)
  default = { k = "v" }
}
variable "o" {
  default = { a = ["deep"], c = null }
}
locals {
  sum = var.n + 1
  up  = upper("\${var.s}-\${local.sum}")
}`,
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-by-functions',
    files: build(
      writing(
        '${format("%03d|%s|%v", 7, "x", [1])} ${jsonencode({ b = [1, 2.5], a = "<é>" })} ${base64encode("ü")} ${md5("x")} ${cidrsubnet("10.0.0.0/8", 8, 2)} ${join("-", [for k, v in { z = 1, a = 2 } : "${k}${v}"])} ${replace("a.b", "/[.]/", "!")} ${substr("añb", 1, 1)} ${coalesce("", "c")} ${length(split(",", "a,b"))} ${try(var.none, "t")} ${can(var.none)} ${1 / 3} ${10 % 4} ${formatdate("YYYY", "2026-01-02T03:04:05Z")}',
      ),
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-of-context',
    files: build(
      `name = "night"\n${writing('${source.type} ${source.name} ${build.name} ${path.root} ${basename(path.cwd) == "" ? 1 : 0} $PACKER_BUILD_NAME $PACKER_BUILDER_TYPE {{ build_name }} {{ build_type }} ${build.ID} ${lower(build.ID)} ${build.PackerHTTPPort}', 'environment_vars = ["ID=${build.ID}", "UP=${upper(build.ID)}"]')}`,
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-by-environment',
    files: build(
      shellLocal(
        '"printf \'%s %s %s\' \\"$A\\" \\"$B\\" \\"$PACKER_BUILD_NAME\\" > out.txt"',
        'environment_vars = ["A=it\'s", "B=${upper(build.ID)}"]',
      ),
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-with-heredoc',
    files: build(
      `  provisioner "shell-local" {
    inline = [<<-EOT
      cat > out.txt <<'END'
      %{ for n in ["a", "b"] ~}
      - \${n} $\${not} %%{this}
      %{ endfor ~}
      %{ if var.on }on%{ else }off%{ endif }
      END
      EOT
    ]
  }`,
      'variable "on" {\n  default = true\n}',
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-by-precedence',
    files: {
      'a.pkr.hcl': build(
        writing('${var.a} ${var.b} ${var.c} ${var.d} ${var.e}'),
        ['a', 'b', 'c', 'd', 'e'].map((name) => `variable "${name}" {\n  default = "default"\n}`).join('\n'),
      ),
      'x.auto.pkrvars.hcl': 'c = "auto"\nd = "auto"\ne = "auto"\n',
      'x.auto.pkrvars.json': '{"d": "auto json", "e": "auto json"}',
    },
    env: { PKR_VAR_b: 'env', PKR_VAR_c: 'env' },
    variables: { e: 'arg' },
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-by-file-builder',
    files: `source "file" "a" {
  target  = "out.txt"
  content = join("\\n", [for n in range(3) : "line \${n}"])
}
build {
  sources = ["file.a"]
  post-processor "checksum" {
    checksum_types = ["sha256"]
    output         = "sum.txt"
  }
}`,
    isRight: true,
    makes: ['out.txt', 'sum.txt'],
  },
  {
    name: 'made-for-each-source',
    reportDiffers: 'Packer 1.6.6 shows the names of sources and not those that the build gives them',
    files: `${none}source "null" "b" {
  communicator = "none"
}
build {
  sources = ["null.a", "null.b"]
  source "null.a" {
    name = "c"
  }
  provisioner "shell-local" {
    inline = ["echo \${source.name} $PACKER_BUILD_NAME > \${source.name}.txt"]
    override = {
      b = { inline = ["echo over > b.txt"] }
    }
  }
  provisioner "shell-local" {
    only   = ["null.c"]
    inline = ["echo more >> c.txt"]
  }
  provisioner "shell-local" {
    except = ["null.a"]
    inline = ["echo all-but-a >> \${source.name}.txt"]
  }
}`,
    isRight: true,
    makes: ['a.txt', 'b.txt', 'c.txt'],
  },
  {
    name: 'made-by-dynamic-blocks',
    files: build(
      `dynamic "provisioner" {
    for_each = { one = 1, two = 2 }
    iterator = it
    labels   = ["shell-local"]
    content {
      inline = ["echo \${it.key} \${it.value} >> out.txt"]
    }
  }`,
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-of-sensitive',
    reportDiffers: 'Packer 1.6.6 shows what functions make of secrets',
    files: build(
      writing('${var.pw} ${local.both}'),
      'variable "pw" {\n  sensitive = true\n  default   = "geheim"\n}\nlocals {\n  both = "${var.pw}-${base64encode(var.pw)}"\n}',
    ),
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-of-files',
    files: {
      'sub/main.pkr.hcl': build(
        writing(
          '${file("note.txt")} ${path.root} ${abspath("x") == "${path.cwd}/x"} ${join(",", sort(fileset(".", "*.t*")))} ${fileexists("none")} ${basename("a/b.c")}',
        ),
      ),
      'sub/note.txt': 'a note',
    },
    target: 'sub',
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-in-json',
    files: {
      'a.pkr.json': JSON.stringify({
        variable: { who: { type: 'string', default: 'world' } },
        locals: { greeting: 'hello ${var.who}' },
        source: { null: { a: { communicator: 'none' } } },
        build: [
          {
            sources: ['null.a'],
            provisioner: [
              { 'shell-local': { inline: ['echo "${local.greeting} ${upper(build.ID)}" > out.txt'] } },
              {
                'shell-local': {
                  command: 'echo $MORE >> out.txt',
                  environment_vars: ['MORE=${length(var.who)}'],
                },
              },
            ],
            'post-processor': { 'shell-local': { inline: ['echo ${source.name} >> out.txt'] } },
          },
        ],
      }),
    },
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-by-chains',
    files: `source "file" "a" {
  target  = "a.txt"
  content = "content"
}
build {
  sources = ["file.a"]
  post-processors {
    post-processor "shell-local" {
      inline = ["echo first $PACKER_BUILD_NAME >> chain.txt"]
    }
    post-processor "checksum" {
      name           = "sums"
      checksum_types = ["md5", "sha1"]
      output         = "a.{{ .ChecksumType }}"
    }
    post-processor "shell-local" {
      inline = ["echo never >> chain.txt"]
    }
  }
  post-processor "shell-local" {
    inline = ["echo second >> chain.txt"]
  }
  post-processor "shell-local" {
    except = ["file.a"]
    inline = ["echo never >> chain.txt"]
  }
}`,
    except: ['s?ms'],
    isRight: true,
    makes: ['chain.txt', 'a.txt'],
  },
  {
    name: 'made-of-chosen',
    files: `${none}source "null" "b" {
  communicator = "none"
}
build {
  name    = "night"
  sources = ["null.a", "null.b"]
  provisioner "shell-local" {
    inline = ["echo \${build.name}.\${source.name} >> out.txt"]
  }
}`,
    only: ['night.*.b'],
    isRight: true,
    makes: ['out.txt'],
  },
  {
    name: 'made-of-conversions',
    files: build(
      shellLocal(
        '"printf \'%s|\' ${join(" ", [for k, v in var.tags : "${k}:${v}"])} ${var.flag} ${var.count * 2} ${var.set.*[1]} > out.txt", 7 > 3 ? "true" : "false"',
      ),
      `variable "tags" {
  type    = map(string)
  default = { b = 1, a = true }
}
variable "flag" {
  type    = bool
  default = "true"
}
variable "count" {
  type    = number
  default = "2.50"
}
variable "set" {
  type    = list(string)
  default = ["y", 2]
}`,
    ),
    isRight: true,
    makes: ['out.txt'],
  },
];
