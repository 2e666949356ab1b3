# frozen_string_literal: true

module Kiln
  # Insides of Vagrant that files put methods of their own into: they can, and nobody calls them.
  module Uncharted
    def const_missing(name)
      const_set(name, Module.new { extend Kiln::Uncharted })
    end
  end
end

module VagrantPlugins
  extend Kiln::Uncharted
end

# What Vagrantfiles find of Vagrant itself.
module Vagrant
  Action = Module.new { extend Kiln::Uncharted }
  VERSION = Kiln::TABLES[:version]
  DEFAULT_SERVER_URL = +"https://vagrantcloud.com"

  class << self
    def configure(version, &block)
      Config.run(version, &block)
    end

    def has_plugin?(name, version = nil)
      return false if ENV["VAGRANT_NO_PLUGINS"]

      plugin = Kiln.plugins[name.to_s]
      return false unless plugin

      version.nil? || Gem::Requirement.new(*version).satisfied_by?(Gem::Version.new(plugin))
    end

    def version?(*requirements)
      Gem::Requirement.new(*requirements).satisfied_by?(Gem::Version.new(VERSION))
    end

    def require_version(*requirements)
      return if version?(*requirements)

      raise Errors::VagrantVersionBad, "the file asks for Vagrant #{requirements.join(", ")}; Kiln does what #{VERSION} does"
    end

    def require_plugin(name)
      Kiln.note("require_plugin", name: name.to_s)
    end

    def plugin(version, component = nil)
      return Plugin::V2::Plugin if component.nil?

      Plugin::V2::COMPONENTS.fetch(component.to_sym) do
        raise ArgumentError, "there is no superclass for plugins of version #{version}, component #{component}"
      end
    end

    def user_data_path
      Pathname.new(ENV["VAGRANT_HOME"] || "~/.vagrant.d").expand_path
    end

    def source_root
      Pathname.new("/kiln")
    end

    def server_url(configured = nil)
      [ENV["VAGRANT_SERVER_URL"], configured].find { |url| url && url != "" } || DEFAULT_SERVER_URL
    end

    def original_env
      ENV.to_h
    end

    def plugins_enabled?
      !ENV["VAGRANT_NO_PLUGINS"]
    end

    def in_installer?
      false
    end

    alias in_bundler? in_installer?
    alias prerelease? in_installer?
    alias very_quiet? in_installer?

    def global_logger
      @global_logger ||= Log4r::Logger.new("vagrant::global")
    end

    def log_level
      ENV.fetch("VAGRANT_LOG", "fatal").downcase
    end
  end

  module Errors
    class VagrantError < StandardError
      attr_accessor :extra_data

      def self.error_key(key = nil, namespace = nil)
        define_method(:error_key) { key }
        error_namespace(namespace) if namespace
      end

      def self.error_message(message)
        define_method(:error_message) { message }
      end

      def self.error_namespace(namespace)
        define_method(:error_namespace) { namespace }
      end

      def initialize(key = nil, **data)
        @extra_data = data
        key = { _key: key, **data } if key && !key.is_a?(Hash)
        text = error_message || (key.is_a?(Hash) ? [key[:message] || key[:_key], *data.values].compact.first : nil)
        super(text ? format_text(text.to_s, data) : self.class.name)
      end

      def error_message
        nil
      end

      def error_key
        nil
      end

      def error_namespace
        "vagrant.errors"
      end

      def status_code
        1
      end

      private

      def format_text(text, data)
        data.reduce(text) { |result, (name, value)| result.gsub("%{#{name}}", value.to_s) }
      end
    end

    class VagrantVersionBad < VagrantError; end

    # Every error of Vagrant's is known by its name.
    def self.const_missing(name)
      const_set(name, Class.new(VagrantError))
    end
  end

  module UI
    class Interface
      attr_accessor :opts, :stdin, :stdout, :stderr

      def initialize(*)
        @opts = {}
      end

      %i[detail info output success say].each do |level|
        define_method(level) { |*words, **| $stdout.puts(words.reject { |word| word.is_a?(Symbol) }.join(" ")) }
      end

      %i[warn error].each do |level|
        define_method(level) { |*words, **| $stderr.puts(words.join(" ")) }
      end

      def ask(*)
        Kiln.note("question")
        ""
      end

      def machine(*); end

      def color?
        false
      end

      def scope(*)
        self
      end
    end

    class Basic < Interface; end
    class Colored < Interface; end
    class Prefixed < Interface; end
    class Silent < Interface
      %i[detail info output success say warn error].each { |level| define_method(level) { |*, **| nil } }
    end
    class MachineReadable < Interface; end
  end

  module Plugin
    class Manager
      include Singleton

      def installed_plugins
        Kiln.plugins.to_h { |name, version| [name.to_s, { "gem_version" => version, "ruby_version" => RUBY_VERSION }] }
      end

      def installed_specs
        Kiln.plugins.map { |name, version| Struct.new(:name, :version).new(name.to_s, Gem::Version.new(version)) }
      end

      def plugin_installed?(name, version = nil)
        Vagrant.has_plugin?(name, version)
      end

      def install_plugin(name, **)
        Kiln.note("install_plugin", name: name.to_s)
        Struct.new(:name, :version).new(name.to_s, Gem::Version.new("0"))
      end
    end
  end
end

module Kiln
  # Name to version of what `Vagrant.has_plugin?` says yes to.
  def self.plugins
    @plugins ||= TABLES[:plugins].select { |one| one[:built_in] }.to_h { |one| [one[:name], one[:version]] }
  end
end
