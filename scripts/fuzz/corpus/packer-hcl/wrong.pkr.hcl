variable "a" {
  type    = strng
  default = var.b
}

variable "a" {}

locals {
  x = local.y
  y = local.x
  z = undefined_function(1)
  w = [1, 2
}

source "qemu" {
}

build {
  sources = ["source.qemu.ghost", 7]
  provisioner "shel" {
    inlin = ["x"]
  }
  provisioner "shell" {
    inline = "${nothing.here}"
    only   = ["a"]
    except = ["b"]
  }
}
