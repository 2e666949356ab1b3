# frozen_string_literal: true

# Ruby in WebAssembly has no sockets. Addresses can be worked with all the same.
class BasicSocket < IO; end
class IPSocket < BasicSocket; end

class SocketError < StandardError; end

module Kiln
  def self.refuse_network
    note("network")
    raise SocketError, "the network is out of reach while a Vagrantfile is evaluated by Kiln"
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
