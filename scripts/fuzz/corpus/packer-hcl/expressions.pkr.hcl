locals {
  numbers     = [1, 2.5, -3, 1e3, 0.1 + 0.2, 10 % 3, 7 / 2]
  logic       = !(true && false) || 1 < 2 && 2 >= 2 && "a" != "b"
  conditional = local.logic ? local.numbers[0] : null
  splat       = [{ a = 1 }, { a = 2 }][*].a
  legacy      = [{ a = { b = 3 } }].*.a.b
  nested      = { a = { b = [1, [2, [3]]] }, "quoted key" = true, (upper("k")) = "v" }
  indexed     = local.nested.a["b"][1][1][0]
  grouped     = { for s in ["ab", "ac", "bd"] : substr(s, 0, 1) => s... }
  text        = "escapes \n \t \" \\ \u00e9 \U0001F600 $${literal} %%{literal}"
  collections = merge({ a = 1 }, zipmap(["b", "c"], [2, 3]), { for k, v in { d = 4 } : k => v })
  lists       = distinct(concat(flatten([[1, [2]], [3]]), compact(["", "x"]), range(3), reverse(sort(["b", "a"]))))
  sets        = setunion(["a"], ["b"], setproduct(["c"], ["d"])[0])
  strings     = join(",", split("-", replace(trimspace("  a-b-c "), "/b/", "B")))
  encoded     = base64encode(jsonencode(yamldecode("a: [1, 2]\nb: {c: null}\n")))
  hashes      = [md5("x"), sha256("x"), uuidv5("dns", "example.com")]
  network     = [cidrsubnet("10.0.0.0/8", 8, 2), cidrhost("10.1.0.0/16", 5), cidrnetmask("10.0.0.0/12")]
  times       = [timeadd("2024-01-01T00:00:00Z", "36h"), formatdate("EEE, DD MMM YYYY hh:mm:ss ZZZ", "2024-02-29T12:00:00Z")]
  tried       = try(local.nested.missing.path, [for x in [] : x][0], "fallback")
  formatted   = format("%05.2f|%-5s|%q|%#x|%v|%t", 3.14159, "ab", "q", 255, { a = [1] }, true)
  matched     = regexall("(?P<letter>[a-z])(?P<digit>[0-9])", "a1 b2")
  path        = "${path.root}/${basename(path.cwd)}"
  heredoc     = <<EOT
plain ${local.text}
  %{~ for n in local.numbers ~} ${n} %{~ endfor ~}
EOT
}

# comments of all three kinds
// second
/* third
   on two lines */
source "file" "out" {
  content = local.heredoc
  target  = "out.txt"
}

build {
  sources = ["sources.file.out"]
}
