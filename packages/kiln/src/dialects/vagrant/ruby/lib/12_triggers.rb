# frozen_string_literal: true

module VagrantPlugins
  module Kernel_V2
    class VagrantConfigTrigger < Kiln.section_class(Kiln::TABLES[:trigger])
      attr_reader :id, :command
      attr_accessor :place

      def initialize(command)
        @id = Kiln.next_id
        @command = command.respond_to?(:to_sym) ? command.to_sym : command
      end

      # As a method with a block in the long form, as a value in the short one.
      def ruby(&block)
        block ? @ruby = block : @ruby
      end
    end

    # `config.trigger`.
    class TriggerConfig < Kiln::Section
      attr_reader :before_triggers, :after_triggers

      def initialize
        @before_triggers = []
        @after_triggers = []
      end

      def before(*commands, **options, &block)
        Kiln.touched(self)
        @before_triggers.concat(made(commands, options, block))
      end

      def after(*commands, **options, &block)
        Kiln.touched(self)
        @after_triggers.concat(made(commands, options, block))
      end

      def merge(other)
        super.tap do |result|
          result.instance_variable_set(:@before_triggers, (before_triggers + other.before_triggers).uniq(&:id))
          result.instance_variable_set(:@after_triggers, (after_triggers + other.after_triggers).uniq(&:id))
        end
      end

      private

      def made(commands, options, block)
        commands = commands.flatten
        options = commands.pop.merge(options) if commands.last.is_a?(Hash)
        raise Vagrant::Errors::TriggersNoBlockGiven, "a trigger wants a block or options" if block.nil? && options.empty?

        place = Kiln.place
        commands.map do |command|
          trigger = VagrantConfigTrigger.new(command)
          trigger.place = place
          block&.call(trigger, VagrantConfigTrigger)
          trigger.set_options(options)
          trigger
        end
      end
    end

    # `config.push`.
    class PushConfig < Kiln::Section
      def initialize
        @defined = {}
      end

      def define(name, **options, &block)
        (@defined[name.to_sym] ||= []) << [(options[:strategy] || name).to_sym, block]
      end

      def merge(other)
        super.tap { |result| result.instance_variable_set(:@defined, defined.merge(other.defined) { |_name, a, b| a + b }) }
      end

      def defined
        @defined
      end

      # Name to strategy and settings; only wanted when something is pushed.
      def compiled
        @defined.transform_values do |calls|
          strategy = calls.last.first
          type = Kiln.pushes[strategy] || Vagrant::Config::V2::PluginConfig
          config = calls.select { |one, block| one == strategy && block }.reduce(type.new) do |all, (_strategy, block)|
            one = type.new
            block.call(one, Vagrant::Config::V2::DummyConfig.new)
            all.merge(one)
          end
          [strategy, config]
        end
      end
    end
  end
end

module Kiln
  sections[:trigger] = VagrantPlugins::Kernel_V2::TriggerConfig
  sections[:push] = VagrantPlugins::Kernel_V2::PushConfig

  def self.pushes
    @pushes ||= TABLES[:pushes].transform_values { |table| section_class(table) }
  end

  pushes[:ftp].class_eval do
    prepend Merging.lists(:includes, :excludes)

    def include(path)
      @includes += [path]
    end

    def exclude(path)
      @excludes += [path]
    end

    alias_method :include=, :include
    alias_method :exclude=, :exclude
  end

  # vagrant-env reads its files when it is told so, while the configuration is made.
  sections[:env].class_eval do
    def enable(*files)
      Dotenv.load(*files)
    end

    alias_method :load, :enable
    alias_method :overload, :enable

    def overload(*files)
      Dotenv.overload(*files)
    end
  end

  sections[:cache].class_eval do
    def enable(bucket, options = {})
      @__calls << { name: :enable, arguments: [bucket], options: options }
    end
  end
end
