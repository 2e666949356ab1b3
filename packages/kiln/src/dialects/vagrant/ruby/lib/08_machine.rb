# frozen_string_literal: true

module VagrantPlugins
  module Kernel_V2
    # A machine of `config.vm.define`: its blocks run when the machine's configuration is wanted.
    class VagrantConfigSubVM
      attr_reader :config_procs, :options
      attr_accessor :place

      def initialize(config_procs = [], options = {}, place = nil)
        @config_procs = config_procs
        @options = options
        @place = place
      end

      def copy
        VagrantConfigSubVM.new(@config_procs.dup, @options.dup, @place)
      end
    end

    class VagrantConfigProvisioner < Kiln::Section
      attr_accessor :config, :run, :preserve_order, :before, :after, :communicator_required, :place
      attr_reader :name, :id, :type

      def initialize(name, type, before: nil, after: nil)
        @id = name || Kiln.next_id
        @name = name
        @type = type
        @before = before
        @after = after
        @preserve_order = false
        @communicator_required = true
        @config_class = Kiln.provisioner_class(type)
      end

      def invalid?
        !Kiln.provisioner_known?(@type)
      end

      def initialize_copy(original)
        super
        @config = @config.dup
      end

      def add_config(**options, &block)
        current = @config_class.new
        current.set_options(options)
        block&.call(current)
        @config = @config ? @config.merge(current) : current
      end
    end

    class VagrantConfigDisk < Kiln.section_class(Kiln::TABLES[:disk])
      attr_reader :id
      attr_accessor :place

      def initialize(type)
        @id = Kiln.next_id
        @type = type
      end

      # `virtualbox__x: 1`, or `virtualbox: { x: 1 }`.
      def add_provider_config(options)
        options.each do |name, value|
          provider, option = name.to_s.split("__", 2)
          more = option ? { option.to_sym => value } : value
          @provider_config = @provider_config.merge(provider.to_sym => more)
        end
      end
    end

    class VagrantConfigCloudInit < Kiln.section_class(Kiln::TABLES[:cloud_init])
      attr_reader :id
      attr_accessor :place

      def initialize(type)
        @id = Kiln.next_id
        @type = type if type
      end
    end

    # `config.vm`.
    class VMConfig < Kiln.section_class(Kiln::TABLES[:sections][:vm])
      DEFAULT_VM_NAME = :default

      attr_reader :provisioners, :disks, :cloud_init_configs

      def initialize
        @provisioners = []
        @disks = []
        @cloud_init_configs = []
        @__networks = {}
        @__synced_folders = {}
        @__defined_vm_keys = []
        @__defined_vms = {}
        @__providers = {}
        @__provider_order = []
        @__provider_overrides = {}
        @__network_places = {}
        @__folder_places = {}
      end

      def host_name=(value)
        self.hostname = value
      end

      def network(type, more = {}, **options)
        Kiln.touched(self)
        type = type.to_sym
        options = { protocol: "tcp" }.merge(more, options)
        options[:protocol] ||= "tcp"
        # A host port that is forwarded again replaces what was said of it before.
        options[:id] ||= type == :forwarded_port ? "#{options[:host_ip]}#{options[:protocol]}#{options[:host]}" : Kiln.next_id
        key = "#{type}-#{options[:id]}"
        options = @__networks[key][1].merge(options) if @__networks.key?(key)
        @__networks[key] = [type, options]
        @__network_places[key] ||= Kiln.place
      end

      def networks
        @__networks.values
      end

      def synced_folder(hostpath, guestpath = nil, options = nil, **more)
        Kiln.touched(self)
        if guestpath.is_a?(Hash)
          options = guestpath
          guestpath = nil
        end
        options = (options || {}).merge(more)
        if options[:nfs]
          options[:type] = :nfs
          options.delete(:nfs)
        end
        name = options.key?(:name) ? options.delete(:name) : guestpath
        options[:guestpath] = guestpath.to_s.delete_suffix("/") if guestpath
        options[:hostpath] = hostpath
        options[:disabled] = false unless options.key?(:disabled)
        options = (@__synced_folders[options[:guestpath]] || {}).merge(options)
        options[:type] = options[:type].to_sym if options[:type]
        @__folder_places[name] ||= Kiln.place
        @__synced_folders[name] = options
      end

      def synced_folders
        @__synced_folders
      end

      def provider(name, &block)
        Kiln.touched(self)
        name = name.to_sym
        @__providers[name] ||= []
        @__provider_overrides[name] ||= []
        @__provider_order << name
        return unless block

        @__providers[name] << block
        @__provider_overrides[name] << block.curry[Vagrant::Config::V2::DummyConfig.new] if block.arity == 2
      end

      def __providers
        @__provider_order
      end

      def provision(name, more = {}, **options, &block)
        Kiln.touched(self)
        options = (more || {}).to_h { |key, value| [key.to_sym, value] }.merge(options)
        type = options.delete(:type)
        type, name = type.nil? ? [name, nil] : [type, name.to_sym]
        name = options.delete(:id).to_sym if options.key?(:id)
        found = name && @provisioners.find { |one| one.name == name }
        unless found
          found = VagrantConfigProvisioner.new(name, type.to_sym, before: options.delete(:before), after: options.delete(:after))
          found.place = Kiln.place
          @provisioners << found
        end
        found.preserve_order = !!options.delete(:preserve_order) if options.key?(:preserve_order)
        found.run = options.delete(:run) if options.key?(:run)
        found.communicator_required = options.delete(:communicator_required) if options.key?(:communicator_required)
        found.add_config(**options, &block)
        nil
      end

      def define(name, options = nil, **more, &block)
        Kiln.touched(self)
        name = name.to_sym
        options = { config_version: "2" }.merge(options || {}, more)
        @__defined_vm_keys << name unless @__defined_vm_keys.include?(name)
        machine = (@__defined_vms[name] ||= VagrantConfigSubVM.new([], {}, Kiln.place))
        machine.options.merge!(options)
        machine.config_procs << [options[:config_version].to_s, block] if block
      end

      def defined_vms
        @__defined_vms
      end

      def defined_vm_keys
        @__defined_vm_keys
      end

      def disk(type, **options)
        Kiln.touched(self)
        made = VagrantConfigDisk.new(type)
        made.place = Kiln.place
        own, of_providers = options.partition { |name, value| !value.is_a?(Hash) && !name.to_s.include?("__") }.map(&:to_h)
        made.set_options(own)
        made.add_provider_config(of_providers)
        @disks << made
      end

      def cloud_init(type = nil, **options)
        Kiln.touched(self)
        made = VagrantConfigCloudInit.new(type&.to_sym)
        made.place = Kiln.place
        block_given? ? yield(made, VagrantConfigCloudInit) : made.set_options(options)
        @cloud_init_configs << made
      end

      def merge(other)
        super.tap { |result| result.take_over(self, other) }
      end

      def finalize!
        define(DEFAULT_VM_NAME) if @__defined_vm_keys.empty?
        @__compiled = @__providers.reject { |_name, blocks| blocks.empty? }.to_h do |name, blocks|
          [name, Kiln.compile_provider(name, blocks)]
        end
        @provisioners.each { |one| one.config.finalize! unless one.invalid? }
      end

      def get_provider_config(name)
        @__compiled[name]
      end

      def get_provider_overrides(name)
        (@__provider_overrides[name] || []).map { |block| ["2", block] }
      end

      def part(name)
        instance_variable_get(:"@__#{name}")
      end

      # What merging does with the things that have names. `old` is the outer one.
      def take_over(old, new)
        @__networks = old.part(:networks).merge(new.part(:networks))
        @__network_places = old.part(:network_places).merge(new.part(:network_places))
        @__synced_folders = old.synced_folders.transform_values(&:dup).merge(new.synced_folders) { |_id, a, b| a.merge(b) }
        @__folder_places = old.part(:folder_places).merge(new.part(:folder_places))
        @__defined_vm_keys = old.defined_vm_keys | new.defined_vm_keys
        @__defined_vms = merged_machines(old.defined_vms, new.defined_vms)
        @__providers = old.part(:providers).merge(new.part(:providers)) { |_name, a, b| a + b }
        @__provider_order = old.part(:provider_order) | new.part(:provider_order)
        @__provider_overrides = old.part(:provider_overrides).merge(new.part(:provider_overrides)) { |_name, a, b| a + b }
        @provisioners = merged_provisioners(old.provisioners, new.provisioners)
        @disks = merged_by_id(old.disks, new.disks)
        @cloud_init_configs = merged_by_id(old.cloud_init_configs, new.cloud_init_configs)
      end

      private

      def merged_machines(old, new)
        # Most configurations define no machines, and some projects have hundreds.
        return old if new.empty? && !old.empty?

        result = old.transform_values(&:copy)
        new.each do |name, machine|
          known = result[name]
          next result[name] = machine.copy unless known

          known.config_procs.concat(machine.config_procs)
          known.options.merge!(machine.options)
        end
        result
      end

      # A name that comes again is merged, and runs where it was mentioned last unless its place is to be kept.
      def merged_provisioners(old, new)
        rest = new.dup
        kept = old.filter_map do |one|
          again = rest.find { |other| other.id == one.id }
          next one.dup unless again

          again.config = one.config.merge(again.config)
          again.run ||= one.run
          next unless again.preserve_order

          rest.delete(again)
          again.dup
        end
        kept + rest.map(&:dup)
      end

      def merged_by_id(old, new)
        known = old.map(&:id)
        old.map { |one| (new.find { |other| other.id == one.id } || one).dup } + new.reject { |one| known.include?(one.id) }.map(&:dup)
      end
    end
  end
end

Kiln.sections[:vm] = VagrantPlugins::Kernel_V2::VMConfig

# `config.ssh` has the defaults of a machine inside of it.
ssh_default = Kiln.section_class(Kiln::TABLES[:ssh_default])
%i[ssh winssh].each do |name|
  Kiln.sections[name].class_eval do
    attr_reader :default

    define_method(:initialize) { @default = ssh_default.new }

    def merge(other)
      super.tap { |result| result.instance_variable_set(:@default, default.merge(other.default)) }
    end
  end
end

VagrantPlugins::Kernel_V2.const_set(:SSHConfig, Kiln.sections[:ssh])
