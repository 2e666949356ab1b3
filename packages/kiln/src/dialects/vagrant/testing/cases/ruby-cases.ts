import type { ProjectCase } from '../project-case.ts';

/** Ruby as people write it in Vagrantfiles. */
export const rubyCases: readonly ProjectCase[] = [
  {
    name: 'YAML, JSON and ERB beside the file',
    files: {
      'config.yml':
        'box: debian/bookworm64\nmachines:\n  - name: one\n    cpus: 2\n    ports: [80, 443]\n  - {name: two, enabled: false}\n',
      'more.json': '{"domain": "example.com", "extra": {"mem": 768}}',
      'tpl.erb': '<% 2.times do |i| %>line <%= i %> of <%= name %>\n<% end %>',
      Vagrantfile: `
require "yaml"
require 'json'
require "erb"
settings = YAML.load_file(File.join(File.dirname(__FILE__), "config.yml"))
extra = JSON.parse(File.read(File.expand_path("more.json", __dir__)), symbolize_names: true)
safe = YAML.safe_load(File.read("#{__dir__}/config.yml"), permitted_classes: [Symbol], aliases: true)
name = "tpl"
text = ERB.new(File.read("#{File.dirname(__FILE__)}/tpl.erb"), trim_mode: "<>").result(binding)

Vagrant.configure("2") do |config|
  config.vm.box = settings["box"]
  settings.fetch("machines").each do |machine|
    next if machine["enabled"] == false
    config.vm.define machine["name"] do |node|
      node.vm.hostname = "#{machine['name']}.#{extra[:domain]}"
      machine.fetch("ports", []).each { |port| node.vm.network "forwarded_port", guest: port, host: port + 8000 }
      node.vm.provider "virtualbox" do |vb|
        vb.memory = extra.dig(:extra, :mem)
        vb.cpus = machine["cpus"]
      end
    end
  end
  config.vm.post_up_message = text + safe.keys.sort.join(",")
end`,
    },
  },
  {
    name: 'words that Ruby 3.2 took away',
    files: {
      Vagrantfile: `
debug = ENV.fetch("NO_SUCH_VARIABLE", false)
debug = true if debug =~ /^(?:true|yes|1)$/i
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.vm.post_up_message = [debug, File.exists?(__FILE__), "text".taint, Random::DEFAULT.rand(1), Fixnum === 1].inspect
end`,
    },
  },
  {
    name: 'environment, arguments, platform',
    environment: { APP_ENV: 'staging', WORKERS: '2', FLAG: 'true' },
    words: ['up', '--provision', 'a'],
    files: {
      Vagrantfile: `
app_env = ENV["APP_ENV"] || "development"
workers = ENV.fetch("WORKERS", "1").to_i
flag = ENV["FLAG"] =~ /^(true|yes)$/i ? true : false
unset = ENV.fetch("NOT_SET_ANYWHERE") { |name| "no #{name}" }
ENV["VAGRANT_EXTRA"] ||= "set here"
command = ARGV[0]
verbose = ARGV.include?("--provision")

Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.post_up_message = [app_env, flag, unset, ENV.key?("APP_ENV"), ENV["VAGRANT_EXTRA"], command, verbose].inspect
  (1..workers).each { |n| config.vm.define("worker#{n}") }
  if Vagrant::Util::Platform.windows?
    config.vm.synced_folder ".", "/win"
  elsif Vagrant::Util::Platform.linux?
    config.vm.synced_folder ".", "/linux"
  end
  config.vm.hostname = RUBY_PLATFORM =~ /linux/ ? "on-linux" : "elsewhere"
  config.vm.hostname += RbConfig::CONFIG["host_os"].start_with?("linux") ? "-os" : "-no"
end`,
    },
  },
  {
    name: 'helpers, classes, modules, constants and globals',
    files: {
      Vagrantfile: `
require "ostruct"
$counter = 0
DEFAULTS = { cpus: 1, memory: 512 }.freeze

def next_ip(base = "10.9.0.")
  $counter += 1
  "#{base}#{$counter + 10}"
end

module Helper
  def self.merge(options)
    DEFAULTS.merge(options)
  end
end

class Node
  attr_reader :name, :options
  def initialize(name, **options)
    @name = name
    @options = Helper.merge(options)
  end

  def to_s
    "#<Node #{@name}>"
  end

  def apply(config)
    config.vm.define @name do |machine|
      machine.vm.hostname = @name
      machine.vm.network "private_network", ip: next_ip
      machine.vm.provider "virtualbox" do |vb|
        vb.cpus = @options[:cpus]
        vb.memory = @options[:memory]
      end
    end
  end
end

class Special < Node
  def apply(config)
    super
    config.vm.post_up_message = "special #{self}"
  end
end

Point = Struct.new(:x, :y)
open = OpenStruct.new(box: "from-struct")
nodes = [Node.new("one"), Special.new("two", cpus: 4), Node.new("three", memory: 2048)]

Vagrant.configure("2") do |config|
  config.vm.box = open.box
  nodes.each { |node| node.apply(config) }
  config.vm.base_mac = Point.new(1, 2).to_a.sum.to_s
end`,
    },
  },
  {
    name: 'other files: require_relative, load, eval, instance_eval',
    files: {
      'lib/nodes.rb': 'NODES = %w[alpha beta].freeze\nrequire_relative "deeper/more"\n',
      'lib/deeper/more.rb': 'MORE = { "gamma" => __FILE__.split("/").last(2).join("/") }\n',
      'settings.rb': '$settings = { box: "loaded" }\n',
      'Vagrantfile.local': 'config.vm.post_up_message = "local for #{NODES.size}"\n',
      'custom.rb': 'vm.hostname = "instance"\n',
      Vagrantfile: `
require_relative "lib/nodes"
require File.expand_path("../lib/nodes.rb", __FILE__)
load "#{File.dirname(__FILE__)}/settings.rb"
$:.unshift File.join(__dir__, "lib")
require "deeper/more"

Vagrant.configure("2") do |config|
  config.vm.box = $settings[:box]
  NODES.each { |name| config.vm.define(name) }
  MORE.each { |name, text| config.vm.define(name) { |m| m.vm.hostname = text.tr("/.", "--") } }
  local = File.join(__dir__, "Vagrantfile.local")
  eval(File.read(local), binding, local) if File.exist?(local)
  config.instance_eval(File.read("#{__dir__}/custom.rb"))
end`,
    },
  },
  {
    name: 'files and folders are looked at',
    files: {
      'playbooks/b.yml': '',
      'playbooks/a.yml': '',
      '.env.sample': 'A=1\n',
      Vagrantfile: `
here = File.dirname(File.expand_path(__FILE__))
found = Dir.glob("#{here}/playbooks/*.yml").sort.map { |path| File.basename(path, ".yml") }
entries = Dir.entries(here).reject { |name| name.start_with?(".") }.sort
children = Dir.children(File.join(here, "playbooks")).sort
pairs = Pathname.new(here).join("playbooks").children.map { |path| path.extname }.uniq
facts = [
  File.file?("#{here}/Vagrantfile"), File.directory?("#{here}/playbooks"), File.exist?("#{here}/none"),
  File.size("#{here}/.env.sample"), File.readlines("#{here}/.env.sample").map(&:chomp), File.extname("x.tar.gz"),
  Dir["#{here}/**/*.yml"].size, Dir.exist?(here), File.readable?("#{here}/.env.sample"), File.zero?("#{here}/playbooks/a.yml"),
  (File.read("#{here}/none") rescue "rescued"), Pathname.new("a/../b").cleanpath.to_s, File.join("a", "/b"),
]
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.post_up_message = [found, entries, children, pairs, facts].inspect
end`,
    },
  },
  {
    name: 'strings, regular expressions, formats',
    files: {
      Vagrantfile: `
name = "My Project_01"
slug = name.downcase.gsub(/[^a-z0-9]+/, "-").gsub(/^-|-$/, "")
version = "v1.10.2"[/\\d+(\\.\\d+)+/]
parts = "%s-%03d-%.2f" % [slug, 7, 3.14159]
match = "eth0: inet 10.0.0.5/24".match(/inet (?<ip>[\\d.]+)\\/(?<bits>\\d+)/)
lines = "a=1\\nb=2\\n".lines.map(&:chomp).map { |l| l.split("=", 2) }.to_h
table = lines.map { |k, v| k.ljust(3, ".") + v.rjust(3) }.join("|")
quoted = %q(single 'quoted') + %Q[double #{slug}] + 'it''s'
words = %w(a b c).each_with_index.map { |w, i| w * (i + 1) }
here = <<-'EOS'
no #{interpolation} here
EOS
text = "ünïcode ✓ #{"日本".length}"
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.hostname = slug
  config.vm.post_up_message = [version, parts, match[:ip], match["bits"].to_i, table, quoted, words, here, text,
    "abc".tr("a-c", "A-C"), "x".center(5, "*"), "CamelCase".gsub(/([A-Z])/) { "_" + $1.downcase }, "a,b;c".split(/[,;]/),
    "%05.1f|%-5s|%+d|%x" % [2.5, "ab", 3, 255], "abc".succ, "10" + 1.to_s, "z".ord, "hello world".capitalize,
    Gem::Version.new("1.10") > Gem::Version.new("1.9")].inspect
end`,
    },
  },
  {
    name: 'control flow of all kinds',
    files: {
      Vagrantfile: `
i = 0
names = []
while true
  i += 1
  next if i == 2
  break if i > 4
  names << "n#{i}"
end
until names.size >= 4 do names << "u#{names.size}" end
attempts = 0
begin
  attempts += 1
  raise ArgumentError, "again" if attempts < 3
rescue ArgumentError
  retry
ensure
  names << "ensured#{attempts}"
end
kind = case names.size
       when 0..2 then :few
       when 3, 4, 5 then :some
       else :many
       end
level = case "10.2.3"
        when /^9/ then "old"
        when /^10\\.(\\d)/ then "ten-#{$1}"
        end
result = [1, 2, 3, 4].lazy.select(&:even?).map { _1 * 10 }.first(2)
first, *rest, last = *(1..5)
a = b = nil
a ||= "default"
b &&= "never"
hash = Hash.new { |h, k| h[k] = [] }
hash[:x] << 1
value = [nil, 3].compact.first.then { |n| n + 1 }
doubler = lambda { |n| n * 2 }
adder = ->(x, y = 2, *more, key: 0, **options, &block) { x + y + more.sum + key + options.size }
composed = (doubler >> doubler).call(3)
found = catch(:done) { 10.times { |n| throw :done, n if n == 6 }; :never }
config_hash = { "a": 1, b: 2, "c d": 3 }
in_pattern = case { name: "x", cpus: [1, 2] }
             in { name: String => n, cpus: [Integer => first_cpu, *] } then "#{n}#{first_cpu}"
             end
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.box_check_update = defined?(UNKNOWN_CONSTANT) ? true : false
  config.vm.post_up_message = [names, kind, level, result, first, rest, last, a, b, hash, value, adder.(1, 2, 3, key: 4, z: 1),
    composed, found, config_hash.keys, in_pattern, (begin; Integer("x"); rescue; "bad"; end), (1..10).step(3).to_a,
    [3, 1, 2].sort_by { -_1 }, [[1, [2]], 3].flatten, %w[a b].zip([1, 2]).to_h, [1, 2, 3].each_slice(2).to_a,
    [1, 2, 2].tally, { a: 1 }.merge({ b: 2 }) { |*| 0 }, (1..3).inject(:*)].inspect
  unless config.vm.box.nil? then config.vm.hostname = "set" end
  names.each_with_object({}) { |name, memo| memo[name] = name.length }.each do |name, length|
    config.vm.define name do |machine|
      machine.vm.hostname = "#{name}-#{length}"
    end
  end
end`,
    },
  },
  {
    name: 'procs that are kept and called later, and what they capture',
    files: {
      Vagrantfile: `
common = proc do |machine, memory|
  machine.vm.provider("virtualbox") { |vb| vb.memory = memory }
end
shared = lambda { |config, ip:| config.vm.network "private_network", ip: ip }
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  last = nil
  %w[a b c].each_with_index do |name, index|
    last = name
    config.vm.define name do |machine|
      common.call(machine, 256 * (index + 1))
      shared.(machine, ip: "10.8.0.#{index + 2}")
      machine.vm.post_up_message = "#{name} of #{last}"
      if name == last
        machine.vm.provision "shell", inline: "only on the last"
      end
    end
  end
end`,
    },
  },
  {
    name: 'addresses, digests, versions, times that do not pass',
    files: {
      Vagrantfile: `
require "ipaddr"
require "digest"
require "securerandom"
require "time"
require "shellwords"
require "set"
net = IPAddr.new("192.168.100.0/24")
ips = net.to_range.first(5).last(3).map(&:to_s)
mac = Digest::MD5.hexdigest("node")[0, 10].scan(/../).unshift("02").join(":")
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  ips.each_with_index { |ip, n| config.vm.network "private_network", ip: ip, mac: mac.delete(":") if n.zero? }
  config.vm.post_up_message = [
    net.include?(IPAddr.new("192.168.100.77")), net.to_s, IPAddr.new("10.0.0.1").succ.to_s, mac,
    Digest::SHA256.hexdigest("x")[0, 8], Shellwords.escape("a b"), ["a", "b c"].shelljoin, Set.new([1, 1]).size,
    Time.at(0).utc.strftime("%Y-%m-%d"), Time.parse("2020-02-03 04:05:06 UTC").iso8601, SecureRandom.hex(4).length,
    Vagrant.version?(">= 1.0"), Gem::Requirement.new("~> 2.2").satisfied_by?(Gem::Version.new("2.4")), IPAddr.new("::1").ipv6?,
  ].inspect
end`,
    },
  },
  {
    name: 'plugins are asked for, and none is needed',
    files: {
      Vagrantfile: `
Vagrant.require_version ">= 2.0.0"
required = %w[vagrant-hostmanager vagrant-reload]
required.each do |plugin|
  unless Vagrant.has_plugin?(plugin)
    raise "#{plugin} is missing"
  end
end
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  if Vagrant.has_plugin?("vagrant-cachier")
    config.cache.scope = :box
  end
  if Vagrant.has_plugin?("vagrant-proxyconf")
    config.proxy.http = "http://proxy:3128"
    config.proxy.no_proxy = "localhost"
  end
  config.vbguest.auto_update = false if Vagrant.has_plugin?("vagrant-vbguest")
  config.vm.hostname = Vagrant.has_plugin?("vagrant-unheard-of") ? "yes" : "no"
  config.vm.provision :reload
  config.hostmanager.enabled = true
  config.hostmanager.manage_host = true
  config.vm.define "a" do |a|
    a.hostmanager.aliases = %w[a.local www.a.local]
  end
end`,
    },
  },
  {
    name: 'a file in a folder above, started from below',
    from: 'sub/deeper',
    files: {
      'sub/deeper/keep': '',
      'data.txt': 'seen',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.post_up_message = [File.read(File.join(__dir__, "data.txt")), File.basename(Dir.pwd), File.exist?("data.txt")].inspect
end`,
    },
  },
  {
    name: 'a file with a name of its own',
    environment: { VAGRANT_VAGRANTFILE: 'Vagrantfile.ci' },
    files: {
      Vagrantfile: 'raise "not this one"',
      'Vagrantfile.ci': 'Vagrant.configure("2") { |config| config.vm.box = File.basename(__FILE__) }\n',
    },
  },
  {
    name: 'odd but right',
    files: {
      Vagrantfile: `# -*- mode: ruby -*-
# vi: set ft=ruby :
# frozen_string_literal: true

VAGRANTFILE_API_VERSION = "2"
BEGIN { $early = "begun" }
Vagrant.configure VAGRANTFILE_API_VERSION do |config|
  config.vm.box = ("debian" + "/" + "bookworm64").dup
  config.vm.provider 'virtualbox' do |v| v.memory = 256; v.cpus = 1 end
  config.vm.network(:forwarded_port, **{ guest: 3000, host: 3000 })
  options = { guest: 4000, host: 4000 }
  config.vm.network "forwarded_port", **options
  config.vm.synced_folder './', '/srv', **{ create: true }
  [["shell", { inline: "a" }], ["shell", { inline: "b" }]].each { |type, opts| config.vm.provision type, **opts }
  config.vm.provision("shell") { |s| s.inline = "c" }
  config.vm.tap { |vm| vm.hostname = "tapped" }
  config.vm.send(:boot_timeout=, 123)
  config.vm.public_send("box_check_update=", false)
  config.vm.post_up_message = $early
end
__END__
this is never read`,
    },
  },
  {
    name: 'methods that get the configuration handed over',
    files: {
      Vagrantfile: `
def forward(config, *ports)
  ports.each { |port| config.vm.network "forwarded_port", guest: port, host: 10_000 + port }
end

def provision(config, name, &block)
  config.vm.provision(name, type: "shell") do |shell|
    shell.inline = block.call(name)
  end
end

private def hidden(value) = value.to_s.reverse

Vagrant.configure("2") do |c|
  c.vm.box = "x"
  forward c, 80, 443
  provision(c, "one") { |n| "echo #{n} #{hidden("abc")}" }
  c.vm.define(:z) do |z; local|
    local = "only here"
    forward(z, 22)
    z.vm.hostname = local.split.first
  end
end`,
    },
  },
];
