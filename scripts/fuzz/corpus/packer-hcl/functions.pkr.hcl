locals {
  rounded   = [abs(-1), ceil(1.5), floor(1.5), log(100, 10), pow(2, 10), signum(-3), parseint("ff", 16), max(1, 2), min(3, 4)]
  words     = [chomp("a\n"), indent(2, "a\nb"), strrev("abc"), title("a b"), lower("A"), trim("?a?", "?"), trimprefix("ab", "a"), trimsuffix("ab", "b")]
  searched  = [contains(["a"], "a"), startswith("ab", "a"), endswith("ab", "b"), strcontains("abc", "b"), index(["a", "b"], "b")]
  replaced  = [regex_replace("abc", "(b)", "[$1]"), replace("aaa", "a", "b"), regex("a(.)c", "abc"), substr("héllo", 1, -1)]
  lists     = [chunklist(["a", "b", "c"], 2), coalescelist([], ["a"]), element(["a", "b"], 5), slice(["a", "b", "c"], 0, 2)]
  maps      = [keys({ a = 1 }), values({ a = 1 }), lookup({ a = 1 }, "b", 2), merge({ a = 1 }, null, { b = 2 })]
  sets      = [setintersection(["a", "b"], ["b"]), setunion(["a"]), setproduct(["a", "b"], [1, 2])]
  booleans  = [alltrue([true, "true"]), anytrue([]), can(local.missing), try(local.missing.x, "y")]
  converted = [convert("1", number), convert([1], set(string)), jsondecode("{\"a\": [1, null]}"), yamlencode({ a = [1, "b: c"] })]
  tables    = csvdecode("a,b\n1,\"x,\"\"y\"\"\"\n2,z\n")
  encoded   = [urlencode("a b&c"), base64gzip("text"), textencodebase64("é", "UTF-16LE"), textdecodebase64("6Q==", "ISO-8859-1"), base64decode("aGk=")]
  hashed    = [sha1("x"), sha512("x"), md5(""), uuidv4()]
  paths     = [abspath("a"), basename("a/b"), dirname("a/b"), pathexpand("~/x"), fileset(path.root, "*.none"), fileexists("none")]
  nets      = [cidrsubnets("10.1.0.0/16", 4, 4, 8), cidrhost("fd00::/64", 10), cidrsubnet("fd00::/48", 16, 162)]
  times     = [timestamp(), legacy_isotime("2006"), legacy_strftime("%Y"), rfc3339_parse("2024-01-01T00:00:00Z"), unix_timestamp_parse(0)]
  formatted = [format("%[2]s %[1]05d %%", 5, "x"), formatlist("%s-%d", ["a", "b"], [1, 2]), formatdate("h:mm aa", "2024-01-01T13:05:00+02:00")]
  sorted    = [sort(["b", "a"]), reverse([1, 2]), distinct([1, 1]), flatten([[1], [[2]]]), compact(["", "a"]), range(1, 10, 3), zipmap(["a"], [1])]
  joined    = join("-", split(",", "a,b,c"))
}

source "null" "x" {
  communicator = "none"
}

build {
  sources = ["source.null.x"]
  provisioner "shell-local" {
    inline = [local.joined, jsonencode(local.tables)]
  }
}
