# frozen_string_literal: true

module Kiln
  class << self
    # `config.vm.provider NAME` to the class of what its blocks are called with.
    def providers
      @providers ||= TABLES[:providers].transform_values { |table| section_class(table) }
    end

    # Runs a provider's blocks one after the other, as often as Vagrant does, and merges what they say.
    def compile_provider(name, blocks)
      type = providers[name] || Vagrant::Config::V2::DummyConfig
      blocks.reduce(type.new) do |all, block|
        one = type.new
        block.call(one, Vagrant::Config::V2::DummyConfig.new)
        all.merge(one)
      end.tap(&:finalize!)
    end
  end

  # Commands for the provider's own tool, in the order in which they were given.
  module Customizable
    def customize(*words)
      event = words.first.is_a?(String) || (words.first.is_a?(Symbol) && words.length > 1) ? words.shift.to_s : "pre-boot"
      @customizations << [event, words.first, Kiln.place]
      places[:customizations] ||= Kiln.place
    end

    def merge(other)
      super.tap { |result| result.instance_variable_set(:@customizations, customizations + other.customizations) }
    end
  end

  # Network cards by their slot.
  module Adapters
    def network_adapter(slot, type, *rest, **options)
      @network_adapters[slot] = [type, rest.first.is_a?(Hash) ? rest.first.merge(options) : options]
    end
  end

  providers[:virtualbox].class_eval do
    prepend Customizable
    include Adapters

    def initialize
      network_adapter(1, :nat)
    end

    def memory=(size)
      customize("pre-boot", ["modifyvm", :id, "--memory", size.to_s])
    end

    def cpus=(count)
      customize("pre-boot", ["modifyvm", :id, "--cpus", count.to_i])
    end
  end

  %i[parallels utm].each { |name| providers[name].prepend(Customizable) }
  %i[parallels vmware_desktop vmware_fusion vmware_workstation].each { |name| providers[name].include(Adapters) }

  module Merging
    # Settings that are added up when configurations are merged.
    def self.lists(*names)
      Module.new do
        define_method(:merge) do |other|
          super(other).tap do |result|
            names.each do |name|
              parts = [self, other].map { |one| one.instance_variable_get(:"@#{name}") }.reject { |part| part == UNSET }
              result.instance_variable_set(:"@#{name}", parts.reduce(:+)) unless parts.empty?
            end
          end
        end
      end
    end

    def self.maps(*names)
      Module.new do
        define_method(:merge) do |other|
          super(other).tap do |result|
            names.each do |name|
              parts = [self, other].map { |one| one.instance_variable_get(:"@#{name}") }.reject { |part| part == UNSET || part.nil? }
              result.instance_variable_set(:"@#{name}", parts.reduce(:merge)) unless parts.empty?
            end
          end
        end
      end
    end
  end

  %i[vmware_desktop vmware_fusion vmware_workstation].each { |name| providers[name].prepend(Merging.maps(:vmx)) }

  providers[:docker].class_eval do
    prepend Merging.lists(:expose, :links)
    prepend Merging.maps(:env)

    def link(name)
      @links << name
    end

    # The last one said how the image comes about; what was said before of other ways is no longer meant.
    def merge(other)
      ways = %i[image build_dir git_repo]
      chosen = ways.reject { |way| other.public_send(way) == UNSET }
      super.tap do |result|
        next unless chosen.length == 1

        (ways - chosen).each { |way| result.instance_variable_set(:"@#{way}", nil) unless public_send(way) == UNSET }
      end
    end
  end
end

module VagrantPlugins
  module ProviderVirtualBox
    extend Kiln::Uncharted

    module Driver
      extend Kiln::Uncharted

      # Files that ask for the version of VirtualBox hear of one that everything works with.
      class Meta
        def initialize(*); end

        def version
          "7.1.0"
        end
      end
    end
  end
end
