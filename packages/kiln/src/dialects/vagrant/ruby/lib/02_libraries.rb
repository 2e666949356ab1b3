# frozen_string_literal: true

module Kiln
  # Libraries that are missing here, or that would need what is missing. They are there already, or do nothing.
  PROVIDED = %w[
    socket io/wait io/console io/nonblock open3 pty readline reline tmpdir resolv resolv-replace net/http net/https net/protocol
    open-uri timeout vagrant log4r log4r/config i18n childprocess dotenv deep_merge deep_merge/core deep_merge/rails_compat
    rubygems/package bundler bundler/setup win32ole win32/registry
    fog/version net/ssh net/scp net/sftp nokogiri listen erubi rest-client excon mime/types
  ].freeze

  def self.provided?(name)
    PROVIDED.include?(name) || name.match?(%r{\Avagrant[-_/]})
  end
end

module Kernel
  kiln_require = instance_method(:require)

  define_method(:require) do |name|
    text = name.respond_to?(:to_path) ? name.to_path : name.to_str
    return false if Kiln.provided?(text)

    kiln_require.bind_call(self, name)
  end
  private :require

  singleton_class.define_method(:require) { |name| Object.new.send(:require, name) }
end

# Vagrant's process has these loaded; many Vagrantfiles use them without asking.
require "digest"
require "erb"
require "etc"
require "fileutils"
require "logger"
require "optparse"
require "ostruct"
require "pathname"
require "rbconfig"
require "rubygems"
require "securerandom"
require "set"
require "shellwords"
require "singleton"
require "stringio"
require "tempfile"
require "time"
require "uri"
require "yaml"

# Ruby in WebAssembly has no sockets. Addresses can be worked with all the same.
class BasicSocket < IO; end
class IPSocket < BasicSocket; end

class SocketError < StandardError; end

module Kiln
  def self.refuse_network
    note("network")
    raise SocketError, "the network is out of reach while a Vagrantfile is evaluated by Kiln"
  end

  # What is known about the host; asked for once.
  def self.host
    @host ||= Channel.call("host")
  end
end

class Addrinfo
  attr_reader :ip_address

  def initialize(address)
    @ip_address = address
  end

  def ipv4?
    !@ip_address.include?(":")
  end

  def ipv6?
    !ipv4?
  end

  def ip?
    true
  end

  def ipv4_loopback?
    @ip_address.start_with?("127.")
  end

  def ipv6_loopback?
    @ip_address == "::1"
  end

  def ipv4_private?
    ipv4? && @ip_address.match?(/\A(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/)
  end

  def ipv4_multicast?
    ipv4? && (224..239).cover?(@ip_address.to_i)
  end

  def ipv6_linklocal?
    @ip_address.start_with?("fe80:")
  end

  def ipv6_multicast?
    @ip_address.start_with?("ff")
  end

  def inspect_sockaddr
    @ip_address
  end
end

class Socket < BasicSocket
  AF_UNSPEC = 0
  AF_INET = 2
  AF_INET6 = 10
  SOCK_STREAM = 1
  SOCK_DGRAM = 2
  Constants = self
  Interface = Struct.new(:name, :addr, :netmask)

  def self.gethostname
    Kiln.host[:hostname]
  end

  def self.ip_address_list
    Kiln.host[:addresses].map { |address| Addrinfo.new(address) }
  end

  def self.getifaddrs
    Kiln.host[:interfaces].map { |one| Interface.new(one[:name], Addrinfo.new(one[:address]), Addrinfo.new(one[:netmask])) }
  end
end

[Socket, "TCPSocket", "UDPSocket", "TCPServer", "UNIXSocket"].each do |name|
  type = name.is_a?(String) ? Object.const_set(name, Class.new(IPSocket)) : name
  type.define_singleton_method(:new) { |*| Kiln.refuse_network }
  type.define_singleton_method(:open) { |*| Kiln.refuse_network }
  type.define_singleton_method(:tcp) { |*| Kiln.refuse_network }
end

require "ipaddr"

module Net
  class HTTP
    def self.method_missing(*)
      Kiln.refuse_network
    end

    def self.respond_to_missing?(*)
      true
    end

    def self.new(*)
      Kiln.refuse_network
    end
  end
end

module URI
  def self.open(*)
    Kiln.refuse_network
  end
end

module Timeout
  class ExitException < Exception; end # rubocop:disable Lint/InheritException
  class Error < RuntimeError; end unless const_defined?(:Error)

  # The whole evaluation has a limit already, and there is no second thread that could watch this one.
  def self.timeout(seconds, *)
    yield(seconds)
  end

  def timeout(...)
    Timeout.timeout(...)
  end
end

# Patterns are there; names are not looked up. The library itself reads the host's settings when it is loaded.
class Resolv
  class ResolvError < StandardError; end

  class IPv4
    octet = /(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)/
    Regex256 = octet
    Regex = /\A(#{octet})\.(#{octet})\.(#{octet})\.(#{octet})\z/
  end

  class IPv6
    Regex = Regexp.union(IPAddr::RE_IPV6ADDRLIKE_FULL, IPAddr::RE_IPV6ADDRLIKE_COMPRESSED)
  end

  %i[getaddress getaddresses getname getnames each_address each_name new].each do |name|
    define_singleton_method(name) { |*| Kiln.refuse_network }
  end
end

class Dir
  def self.tmpdir
    "/.kiln/tmp"
  end

  # Names by numbers: chance would make the result one that cannot be used again.
  module Tmpname
    def self.create(name, folder = nil, max_try: nil, **options)
      @made = (@made || 0) + 1
      prefix, suffix = Array(name)
      path = File.join(folder || Dir.tmpdir, "#{prefix}#{@made}#{suffix}")
      yield(path, @made, options, nil)
      path
    end
  end

  def self.mktmpdir(prefix = "d", folder = nil, **)
    path = Tmpname.create(prefix, folder) { |made| FileUtils.mkdir_p(made) }
    return path unless block_given?

    begin
      yield(path)
    ensure
      FileUtils.rm_rf(path)
    end
  end
end

class IO
  # Nobody sits in front of it.
  def noecho
    yield(self)
  end

  alias raw noecho

  def winsize
    [24, 80]
  end

  def getch
    nil
  end

  def self.console
    $stdin
  end
end

# Whatever is asked of the user gets the answer of somebody who is not there.
%i[gets readline getc getch read each_line readlines].each do |name|
  $stdin.define_singleton_method(name) do |*arguments, **options, &block|
    Kiln.note("question")
    IO.instance_method(name).bind_call(self, *arguments, **options, &block)
  end
end

module Kernel
  def gets(*arguments)
    $stdin.gets(*arguments)
  end

  private :gets
end

# There is one thread: what another one would do is done at once, and its result kept.
class Thread
  class << self
    def new(*arguments)
      Kiln::DoneThread.new { yield(*arguments) }
    end

    alias start new
    alias fork new
  end
end

module Kiln
  class DoneThread
    def initialize
      @value = yield
    rescue StandardError => e
      @error = e
    end

    def join(*)
      raise @error if @error

      self
    end

    def value
      join
      @value
    end

    def alive?
      false
    end

    def [](_key)
      nil
    end

    def []=(_key, _value); end

    def method_missing(*)
      self
    end

    def respond_to_missing?(*)
      true
    end
  end
end

# The gem deep_merge, which Vagrantfiles lean on.
class Hash
  def deep_merge(other, &block)
    merge(other) do |key, old, new|
      if old.is_a?(Hash) && new.is_a?(Hash)
        old.deep_merge(new, &block)
      else
        block ? block.call(key, old, new) : new
      end
    end
  end

  def deep_merge!(other, &block)
    replace(deep_merge(other, &block))
  end
end

module Etc
  Passwd = Struct.new(:name, :passwd, :uid, :gid, :gecos, :dir, :shell) unless const_defined?(:Passwd)
  Group = Struct.new(:name, :passwd, :gid, :mem) unless const_defined?(:Group)

  class << self
    def getlogin
      Kiln.host[:user]
    end

    def getpwuid(_uid = nil)
      host = Kiln.host
      Passwd.new(host[:user], "x", host[:uid], host[:gid], "", host[:home], host[:shell])
    end

    def getpwnam(name)
      raise ArgumentError, "can't find user for #{name}" if name != Kiln.host[:user]

      getpwuid
    end

    def getgrgid(gid = nil)
      Group.new(Kiln.host[:group], "x", gid || Kiln.host[:gid], [])
    end

    def nprocessors
      Kiln.host[:cpus]
    end

    def uname
      Kiln.host[:uname]
    end
  end
end

module Process
  class << self
    def uid
      Kiln.host[:uid]
    end

    def gid
      Kiln.host[:gid]
    end

    alias euid uid
    alias egid gid

    def ppid
      1
    end
  end
end
