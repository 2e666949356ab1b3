import { chunklist } from './collections/chunklist.ts';
import { coalesce, coalescelist } from './collections/coalesce.ts';
import { concat } from './collections/concat.ts';
import { element } from './collections/element.ts';
import { compact, distinct } from './collections/filter.ts';
import { flatten } from './collections/flatten.ts';
import { length } from './collections/length.ts';
import { lookup } from './collections/lookup.ts';
import { keys, values } from './collections/map-parts.ts';
import { merge } from './collections/merge.ts';
import { range } from './collections/range.ts';
import { alltrue, anytrue, sum } from './collections/reduce.ts';
import { reverse } from './collections/reverse.ts';
import { contains, index } from './collections/search.ts';
import { setintersection, setunion } from './collections/set-operations.ts';
import { setproduct } from './collections/setproduct.ts';
import { slice } from './collections/slice.ts';
import { sort } from './collections/sort.ts';
import { zipmap } from './collections/zipmap.ts';
import { base64decode, base64encode, base64gzip } from './encoding/base64.ts';
import { csvdecode } from './encoding/csv.ts';
import { jsondecode, jsonencode } from './encoding/json.ts';
import { textdecodebase64, textencodebase64 } from './encoding/text-base64.ts';
import { urlencode } from './encoding/url.ts';
import { yamldecode, yamlencode } from './encoding/yaml.ts';
import { fileFunctions } from './files/files.ts';
import { basename, dirname, pathFunctions } from './files/paths.ts';
import { templatefileFunction } from './files/templatefile.ts';
import { format, formatlist } from './format/format.ts';
import type { HclFunction } from './function.ts';
import { bcrypt } from './hashing/bcrypt.ts';
import { md5, sha1, sha256, sha512 } from './hashing/digest.ts';
import { rsadecrypt } from './hashing/rsadecrypt.ts';
import { uuidv4, uuidv5 } from './hashing/uuid.ts';
import type { FunctionHost } from './host.ts';
import { cidrhost, cidrnetmask, cidrsubnet, cidrsubnets } from './network/cidr.ts';
import { max, min } from './numbers/extremes.ts';
import { parseint } from './numbers/parseint.ts';
import { log, pow } from './numbers/powers.ts';
import { abs, ceil, floor, signum } from './numbers/rounding.ts';
import { secretFunctions } from './secrets/functions.ts';
import { lower, title, upper } from './strings/case.ts';
import { regex, regex_replace, regexall } from './strings/regex.ts';
import { replace } from './strings/replace.ts';
import { endswith, startswith, strcontains } from './strings/search.ts';
import { indent, join, split } from './strings/split-join.ts';
import { strrev, substr } from './strings/substr.ts';
import { chomp, trim, trimprefix, trimspace, trimsuffix } from './strings/trim.ts';
import { clockFunctions } from './time/clock.ts';
import { formatdate, timeadd } from './time/dates.ts';
import { rfc3339_parse, unix_timestamp_parse } from './time/parse.ts';
import { can, convertFunction, tryFunction } from './types/attempts.ts';

const standard: readonly HclFunction[] = [
  ...[abs, ceil, floor, signum, max, min, log, pow, parseint],
  ...[upper, lower, title, chomp, trim, trimprefix, trimspace, trimsuffix, startswith, endswith, strcontains],
  ...[indent, join, split, replace, substr, strrev, regex, regexall, regex_replace, format, formatlist],
  ...[chunklist, coalesce, coalescelist, compact, concat, contains, distinct, element, flatten, index, keys],
  ...[
    length,
    lookup,
    merge,
    range,
    reverse,
    setintersection,
    setproduct,
    setunion,
    slice,
    sort,
    values,
    zipmap,
  ],
  ...[alltrue, anytrue, sum],
  ...[base64decode, base64encode, base64gzip, csvdecode, jsondecode, jsonencode, textdecodebase64],
  ...[textencodebase64, urlencode, yamldecode, yamlencode],
  ...[bcrypt, md5, rsadecrypt, sha1, sha256, sha512, uuidv4, uuidv5],
  ...[cidrhost, cidrnetmask, cidrsubnet, cidrsubnets],
  ...[formatdate, timeadd, rfc3339_parse, unix_timestamp_parse],
  ...[basename, dirname, can, convertFunction, tryFunction],
];

const standardByName = byName(standard);

/** The functions that touch nothing outside: neither files nor the clock nor the network. */
export function standardFunctions(): ReadonlyMap<string, HclFunction> {
  return standardByName;
}

/** All functions that Packer has. `env`, which exists only in the defaults of variables, is in env.ts. */
export function packerFunctions(host: FunctionHost): ReadonlyMap<string, HclFunction> {
  const functions: ReadonlyMap<string, HclFunction> = byName([
    ...standard,
    ...clockFunctions(host),
    ...pathFunctions(host),
    ...fileFunctions(host),
    ...secretFunctions(host.secrets),
    templatefileFunction(host, () => functions),
  ]);
  return functions;
}

function byName(functions: readonly HclFunction[]): ReadonlyMap<string, HclFunction> {
  return new Map([...functions].sort((a, b) => (a.name < b.name ? -1 : 1)).map((fn) => [fn.name, fn]));
}
