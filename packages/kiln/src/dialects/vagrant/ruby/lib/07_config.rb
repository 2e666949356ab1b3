# frozen_string_literal: true

module Vagrant
  module Config
    class << self
      # `Vagrant.configure` and `Vagrant::Config.run`: the block is kept for later.
      def run(version = "1", &block)
        version = version.to_s
        raise Errors::VagrantError, "there is no version #{version.inspect} of the configuration; 1 and 2 exist" unless %w[1 2].include?(version)
        raise Errors::VagrantError, "Vagrant.configure is called without a block" unless block

        (@blocks ||= []) << [version, block]
      end

      # The blocks that were given while the file was loaded.
      def capture
        @blocks = []
        yield
        @blocks
      end
    end
  end

  module Plugin
    module V2
      # A group of settings, such as `config.ssh`. Values are instance variables; those that were never set hold a marker,
      # so that merging knows "set to nil" from "not set".
      class Config
        UNSET_VALUE = :__UNSET__VALUE__

        class << self
          # Makes accessors for a table of settings: names and what is there at first.
          def settings(table)
            @settings = (@settings || {}).merge(table)
            table.each_key { |name| define_setting(name) }
          end

          def all_settings
            inherited = superclass.respond_to?(:all_settings) ? superclass.all_settings : {}
            inherited.merge(@settings || {})
          end

          private

          def define_setting(name)
            variable = :"@#{name}"
            define_method(name) { instance_variable_get(variable) }
            define_method(:"#{name}=") do |value|
              Kiln.touched(self)
              places[name] = Kiln.place(caller_locations(1))
              instance_variable_set(variable, value)
            end
          end
        end

        # The block that this was made by has ended.
        attr_accessor :kiln_closed

        def initialize_copy(original)
          super
          @kiln_closed = nil
        end

        def self.new(...)
          # Classes that Vagrantfiles define need not call `super` in their `initialize`.
          allocate.tap { |made| made.send(:prepare_settings) && made.send(:initialize, ...) }
        end

        def finalize!; end

        def validate(_machine)
          {}
        end

        def _finalize!
          @__finalized = true
        end

        def merge(other)
          result = self.class.new
          [self, other].each { |one| one.copy_settings_to(result) }
          result.places.merge!(places).merge!(other.places)
          result.unknown_settings.merge!(unknown_settings).merge!(other.unknown_settings)
          result
        end

        def set_options(options)
          options.each { |name, value| public_send(:"#{name}=", value) }
        end

        def instance_variables_hash
          instance_variables.to_h { |variable| [variable.to_s[1..], instance_variable_get(variable)] }
        end

        def to_json(*)
          instance_variables_hash.to_json(*)
        end

        def to_s
          self.class.to_s
        end

        # Where each setting was made.
        def places
          @__places ||= {}
        end

        # Settings that do not exist, with the place of the first mention.
        def unknown_settings
          @__unknown_settings ||= {}
        end

        def copy_settings_to(other)
          instance_variables.each do |variable|
            next if variable.start_with?("@__") || variable == :@kiln_closed

            value = instance_variable_get(variable)
            other.instance_variable_set(variable, value) unless value == UNSET_VALUE
          end
        end

        def method_missing(name, *, &)
          return super if @__finalized || %i[to_hash to_ary to_str to_proc].include?(name)

          setting = name.to_s.delete_suffix("=")
          unknown_settings[setting] ||= Kiln.place(caller_locations(1))
          Vagrant::Config::V2::DummyConfig.new
        end

        def respond_to_missing?(*)
          false
        end

        def _detected_errors
          []
        end

        private

        def prepare_settings
          self.class.all_settings.each do |name, initial|
            value = case initial
                    when nil then UNSET_VALUE
                    when "list" then []
                    when "map" then {}
                    else initial
                    end
            instance_variable_set(:"@#{name}", value)
          end
          true
        end
      end
    end
  end

  module Config
    module V2
      # Takes everything that is done to it, like the settings of a plugin that is not there.
      class DummyConfig < Vagrant::Plugin::V2::Config
        def method_missing(name, *arguments, &)
          return super if %i[to_hash to_ary to_str to_proc].include?(name)
          return DummyConfig.new unless name.end_with?("=")

          instance_variable_set(:"@#{name.to_s.delete_suffix("=")}", arguments.first) if name.match?(/\A[a-z_]\w*=\z/i)
        end

        def merge(other)
          other
        end

        def set_options(_options); end
      end

      # The settings of a plugin whose code is not there, kept so that others can tell what they mean.
      class PluginConfig < Vagrant::Plugin::V2::Config
        def initialize
          @__calls = []
        end

        attr_reader :__calls

        def method_missing(name, *arguments, **options, &)
          return super if %i[to_hash to_ary to_str to_proc].include?(name)

          if name.match?(/\A[a-z_]\w*=\z/i)
            setting = name.to_s.delete_suffix("=")
            places[setting.to_sym] = Kiln.place(caller_locations(1))
            return instance_variable_set(:"@#{setting}", arguments.first)
          end
          if arguments.empty? && options.empty? && name.match?(/\A[a-z_]\w*\z/i)
            return instance_variable_get(:"@#{name}") if instance_variable_defined?(:"@#{name}")

            # `config.plugin.group.setting = 1`
            return instance_variable_set(:"@#{name}", PluginConfig.new) unless block_given?
          end
          @__calls << { name: name, arguments: arguments, options: options }
          DummyConfig.new
        end

        def merge(other)
          super.tap { |result| result.__calls.replace(__calls + other.__calls) }
        end

        def set_options(options)
          options.each { |name, value| instance_variable_set(:"@#{name}", value) if name.match?(/\A[a-z_]\w*\z/i) }
        end
      end

      # What a version 2 block is called with.
      class Root
        attr_reader :kiln_keys, :kiln_missing

        def initialize(keys = {}, missing = {})
          @kiln_keys = keys
          @kiln_missing = missing
        end

        def kiln_close
          @kiln_closed = true
          @kiln_keys.each_value { |section| section.kiln_closed = true }
        end

        def method_missing(name, *)
          @kiln_keys[name] ||= begin
            Kiln.late_changes = true if @kiln_closed
            type = Kiln.sections[name]
            @kiln_missing[name] ||= Kiln.place(caller_locations(1)) unless type
            (type || PluginConfig).new
          end
        end

        def respond_to_missing?(name, *)
          Kiln.sections.key?(name)
        end

        def finalize!
          Kiln.sections.each { |name, type| @kiln_keys[name] ||= type.new }
          @kiln_keys.each_value do |section|
            section.finalize!
            section._finalize!
          end
        end

        def merge(other)
          both = @kiln_keys.merge(other.kiln_keys) { |_name, old, new| old.merge(new) }
          own = both.to_h { |name, section| [name, section.equal?(@kiln_keys[name]) || section.equal?(other.kiln_keys[name]) ? section.dup : section] }
          Root.new(own, @kiln_missing.merge(other.kiln_missing))
        end
      end
    end
  end
end

module Kiln
  Section = Vagrant::Plugin::V2::Config
  UNSET = Section::UNSET_VALUE

  class << self
    # `config.NAME` to its class.
    def sections
      @sections ||= {}
    end

    # A block may change a configuration whose own block has ended, which counts the next time that is used.
    attr_accessor :late_changes

    def touched(section)
      self.late_changes = true if section.kiln_closed
    end

    # Numbers instead of random names: the same file must give the same result.
    def next_id
      @last_id = (@last_id || 0) + 1
      "kiln-#{@last_id}"
    end

    def section_class(table, parent = Section)
      Class.new(parent) { settings(table) }
    end
  end

  TABLES[:sections].each { |name, table| sections[name] = section_class(table) }

  # A plugin's table may be empty: then it takes anything.
  TABLES[:plugins].each do |plugin|
    plugin[:sections].each { |name, table| sections[name] = section_class(table, Vagrant::Config::V2::PluginConfig) }
  end
end
