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

module Kiln
  # What is known about the host; asked for once.
  def self.host
    @host ||= Channel.call("host")
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
