packer {
  required_version = ">= 1.7.0"
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = "~> 1.1"
    }
  }
}

variable "name" {
  type        = string
  default     = "debian-12"
  description = "Name of the image"

  validation {
    condition     = length(var.name) > 2 && can(regex("^[a-z]", var.name))
    error_message = "The name must begin with a letter."
  }
}

variable "disks" {
  type = list(object({
    size   = number
    format = optional(string, "qcow2")
  }))
  default = [{ size = 10 }, { size = 20, format = "raw" }]
}

variable "password" {
  type      = string
  sensitive = true
  default   = env("BUILD_PASSWORD")
}

variables {
  region = "north"
  tags   = { team = "platform", "cost center" = 42 }
}

locals {
  stamp = formatdate("YYYYMMDD", timestamp())
  title = upper("${var.name}-${local.stamp}")
  sizes = { for index, disk in var.disks : "disk${index}" => disk.size * 1024 if disk.size > 0 }
  total = sum([for _, size in local.sizes : size])
  notes = <<-EOT
    Image ${var.name} in ${var.region}
    %{ for name, size in local.sizes ~}
    ${name}: ${size} MiB
    %{ endfor ~}
    %{ if var.region == "north" }cold%{ else }warm%{ endif }
  EOT
}

local "secret" {
  expression = "${var.password}!"
  sensitive  = true
}

data "http" "version" {
  url = "https://example.com/version"
  request_headers = {
    Accept = "text/plain"
  }
}

source "qemu" "base" {
  iso_url          = "https://cdimage.example.org/${var.name}.iso"
  iso_checksum     = "none"
  accelerator      = "tcg"
  disk_size        = "${local.total}M"
  memory           = 2 * 512
  headless         = true
  ssh_username     = "root"
  ssh_password     = local.secret
  ssh_timeout      = "20m"
  output_directory = "out/${lower(local.title)}"
  boot_command     = ["<esc><wait>", "url=http://{{ .HTTPIP }}:{{ .HTTPPort }}/<enter>"]
  qemuargs         = [["-cpu", "max"], ["-m", "1G"]]
}

source "null" "remote" {
  ssh_host     = "192.0.2.10"
  ssh_username = "admin"
  ssh_password = "x"
}

build {
  name        = "servers"
  description = "All servers"
  sources     = ["source.null.remote"]

  source "qemu.base" {
    name = "web"
    vm_name = "web.qcow2"
  }

  provisioner "shell" {
    inline = [
      "echo ${build.ID} ${source.name} > /etc/build",
      "printf '%s' \"${jsonencode(var.tags)}\"",
    ]
    environment_vars  = ["A=${var.name}", "B=${local.title}"]
    only              = ["qemu.web"]
    pause_before      = "5s"
    max_retries       = 2
    continue_on_error = true
    override = {
      web = { execute_command = "sh {{ .Path }}" }
    }
  }

  dynamic "provisioner" {
    for_each = local.sizes
    iterator = disk
    labels   = ["shell-local"]
    content {
      inline = ["echo ${disk.key}=${disk.value}"]
    }
  }

  provisioner "file" {
    content     = local.notes
    destination = "/etc/notes"
  }

  error-cleanup-provisioner "shell-local" {
    inline = ["echo failed"]
  }

  post-processors {
    post-processor "checksum" {
      checksum_types = ["sha256"]
      output         = "out/{{ .BuildName }}.sum"
    }
    post-processor "manifest" {
      custom_data = { for key, value in var.tags : key => "${value}" }
    }
  }
}
