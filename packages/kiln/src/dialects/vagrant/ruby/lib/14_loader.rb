# frozen_string_literal: true

module Kiln
  # Puts configurations together from several sources, each run once.
  class Loader
    def initialize
      @sources = {}
      @files = {}
      @made = {}.compare_by_identity
    end

    # A source is the path of a Vagrantfile, or blocks with their versions.
    def set(name, source)
      @sources[name] = source.is_a?(String) ? (@files[source] ||= blocks_of(source)) : source
    end

    # The merged and finished configuration; what comes later in the order wins.
    def load(order)
      parts = order.flat_map { |name| @sources[name] || [] }.map { |version, block| made(version, block) }
      parts.reduce(Vagrant::Config::V2::Root.new) { |all, part| all.merge(part) }.tap(&:finalize!)
    end

    private

    def blocks_of(path)
      Vagrant::Config.capture { Kernel.load(path) }
    end

    def made(version, block)
      @made[block] ||= version == "1" ? upgraded(block) : called(block, Vagrant::Config::V2::Root.new)
    end

    def called(block, root)
      block.call(root)
      root.tap(&:kiln_close)
    end

    def upgraded(block)
      root = Version1::Root.new
      block.call(root)
      root.upgrade.tap(&:kiln_close)
    end
  end

  # A whole project: its machines, each with the configuration for its provider.
  class Project
    MOST_BOX_CHANGES = 10

    attr_reader :global

    def initialize(home:, root:)
      @loader = Loader.new
      @keys = []
      { home: home, root: root }.each do |name, path|
        next unless path

        @loader.set(name, path)
        @keys << name
      end
      @global = @loader.load(@keys)
    end

    def machine_names
      @global.vm.defined_vm_keys
    end

    def definition(name)
      @global.vm.defined_vms[name]
    end

    # Vagrant puts every machine together once when it starts, and again when it is used. In between there may be
    # changes: blocks that set something of the configuration around them.
    def prepare
      first = machine_names.to_h { |name| [name, attempt(name)] }
      @ready = first unless Kiln.late_changes
    end

    # The configuration of a machine, and which provider it is for.
    def machine(name)
      return assemble(name) unless @ready

      @ready[name].is_a?(Exception) ? raise(@ready[name]) : @ready[name]
    end

    private

    def attempt(name)
      assemble(name)
    rescue SystemExit, StandardError, ScriptError, NoMemoryError, SystemStackError => e
      e
    end

    def assemble(name)
      key = :"machine #{name}"
      @loader.set(key, definition(name).config_procs)
      keys = @keys + [key]
      config = @loader.load(keys)
      choice = Channel.call("provider", machine: name, mentioned: config.vm.__providers)
      MOST_BOX_CHANGES.times do
        before = box_of(config)
        config = with_box_and_overrides(name, choice, config, keys)
        return [config, choice] if box_of(config) == before
      end
      raise Refused, "the provider's block and the box's Vagrantfile change the box of #{name} again and again"
    end

    def box_of(config)
      [config.vm.box, config.vm.box_version]
    end

    def with_box_and_overrides(name, choice, config, keys)
      keys = keys.dup
      box = find_box(choice, config)
      if box
        @loader.set(:"box #{box}", box)
        keys.unshift(:"box #{box}")
        config = @loader.load(keys)
      end
      blocks = choice[:overrides].flat_map { |provider| config.vm.get_provider_overrides(provider.to_sym) }
      return config if blocks.empty?

      @loader.set(:"provider of #{name}", blocks)
      @loader.load(keys + [:"provider of #{name}"])
    end

    # The Vagrantfile that came with the machine's box, when the box is on this host.
    def find_box(choice, config)
      vm = config.vm
      return if vm.box == UNSET || vm.box.to_s.empty? || vm.ignore_box_vagrantfile == true

      version = vm.box_version == UNSET ? nil : vm.box_version&.to_s
      architecture = vm.box_architecture == UNSET ? "auto" : vm.box_architecture&.to_s
      box = Boxes.find(vm.box.to_s, formats: choice[:formats], version: version, architecture: architecture)
      file = box && %w[Vagrantfile vagrantfile].map { |name| File.join(box, name) }.find { |path| File.file?(path) }
      file
    end
  end

  # Boxes on this host, in the layout of Vagrant.
  module Boxes
    class << self
      attr_accessor :folder, :architecture

      # The folder of the newest box that fits.
      def find(name, formats:, version:, architecture:)
        versions = File.join(folder, name.gsub("/", "-VAGRANTSLASH-").gsub(":", "-VAGRANTCOLON-"))
        wanted = Gem::Requirement.new((version || ">= 0").split(",").map(&:strip))
        sorted(versions).select { |one| wanted.satisfied_by?(one) }.each do |one|
          formats.each do |format|
            found = candidates(File.join(versions, one.to_s), format, architecture).find { |path| File.file?(File.join(path, "metadata.json")) }
            return found if found
          end
        end
        nil
      rescue Gem::Requirement::BadRequirementError
        nil
      end

      private

      def sorted(folder)
        return [] unless File.directory?(folder)

        Dir.children(folder).select { |name| Gem::Version.correct?(name) }.map { |name| Gem::Version.new(name) }.sort.reverse
      end

      # With and without an architecture of its own: boxes did not always have one.
      def candidates(folder, format, wanted)
        architectures = wanted == "auto" ? [architecture] : [wanted]
        architectures.compact.map { |name| File.join(folder, name, format) } + [File.join(folder, format)]
      end
    end
  end
end
